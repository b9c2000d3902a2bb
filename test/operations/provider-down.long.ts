import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Rehearsal, startRehearsal } from './rehearsal.ts';

let rehearsal: Rehearsal;
beforeAll(async () => {
  rehearsal = await startRehearsal('provider-down', { namespace: 'test-2' });
  rehearsal.world.simulator.setPlan('tiro', { jobs: 2, durationMs: 10 * 60_000 });
  await rehearsal.startWorker();
});
afterAll(() => rehearsal.close());

it('a provider is down', async () => {
  const { run, show, showOnce, world } = rehearsal;
  const { simulator } = world;
  await run('provider-jobs run tiro talk-1.wav --key talk-1 --detach', { prints: /Started/ });
  await run('until provider-jobs status provider-job/tiro/talk-1 | grep PROCESSING; do sleep 0.2; done');
  simulator.addFault({ kind: 'status', operation: 'tiro.*', status: 503, times: null });
  await run('provider-jobs run tiro talk-2.wav --key talk-2 --detach', { prints: /Started/ });
  await run('provider-jobs run tiro talk-3.wav --key talk-3 --deadline 15s', {
    exitCode: 1,
    prints: /DeadlineExceeded/,
  });
  await showOnce('seen', 'provider-jobs status provider-job/tiro/talk-1', { prints: /503/ });
  await showOnce('seen', 'provider-jobs status provider-job/tiro/talk-2', { prints: /503/ });
  await show('seen', 'provider-jobs list --provider tiro');
  await show('seen', 'provider-jobs doctor | grep Tiro:');
  simulator.clearFaults();
  await run('until provider-jobs list --running | grep None; do sleep 0.5; done');
  await show('over', 'provider-jobs resume --failure DeadlineExceeded --since 6h --dry-run');
  await show('over', 'provider-jobs resume --failure DeadlineExceeded --since 6h');
  await run('until provider-jobs list --running | grep None; do sleep 0.5; done');
  await show('over', 'provider-jobs list --provider tiro --phase succeeded', { prints: /(talk-\d.*){3}/s });
  expect(simulator.jobs('tiro').filter(({ status }) => status !== 'CREATED')).toHaveLength(3);
  await rehearsal.expectInRunbook();
});
