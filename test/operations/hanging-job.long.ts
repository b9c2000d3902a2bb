import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Rehearsal, startRehearsal } from './rehearsal.ts';

let rehearsal: Rehearsal;
beforeAll(async () => {
  rehearsal = await startRehearsal('hanging-job', { namespace: 'test-5' });
});
afterAll(() => rehearsal.close());

it('a job that hangs', async () => {
  const { run, show, showOnce, world } = rehearsal;
  world.simulator.setPlan('tiro', { jobs: null, durationMs: 60 * 60_000 });
  await show('unserved', 'provider-jobs run tiro talk-1.wav --key talk-1 --deadline 2h --detach', {
    prints: /No worker/,
  });
  await show('unserved', 'provider-jobs status provider-job/tiro/talk-1', { prints: /no workflow worker answers/ });
  await show('unserved', "provider-jobs doctor | grep -A1 'nobody polls' | cut -c1-100", {
    prints: /provider-jobs worker/,
  });

  await rehearsal.startWorker();
  await showOnce('waits', 'provider-jobs status provider-job/tiro/talk-1', { prints: /PROCESSING.*next check/ });
  await run('provider-jobs run tiro talk-2.wav --key talk-2 --detach', { prints: /Started/ });
  await run('until provider-jobs status provider-job/tiro/talk-2 | grep PROCESSING; do sleep 0.2; done');
  await show('cancelled', 'provider-jobs cancel provider-job/tiro/talk-1', { prints: /Cancelled/ });

  const terminate = "temporal workflow terminate --reason 'does not end' --workflow-id provider-job/tiro/talk-2";
  await show('terminated', terminate);
  await show('terminated', 'provider-jobs status provider-job/tiro/talk-2', { exitCode: 1, prints: /Terminated/ });
  await show('terminated', 'provider-jobs resume provider-job/tiro/talk-2', { prints: /^resumed/ });
  await showOnce('terminated', 'provider-jobs status provider-job/tiro/talk-2', { prints: /next check/ });
  expect(world.simulator.counters().jobsCreated.tiro).toBe(2);
  await run('provider-jobs cancel provider-job/tiro/talk-2', { prints: /Cancelled/ });
  await rehearsal.expectInRunbook();
});
