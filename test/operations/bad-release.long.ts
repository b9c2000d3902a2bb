import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildBadRelease } from './bad-release.ts';
import { type Rehearsal, startRehearsal } from './rehearsal.ts';

let rehearsal: Rehearsal;
beforeAll(async () => {
  rehearsal = await startRehearsal('bad-release', { namespace: 'test-1' });
});
afterAll(() => rehearsal.close());

it('a release whose workflow code is bad', async () => {
  const { run, show, showOnce, startWorker, world } = rehearsal;
  const job = (n: number) => `provider-job/tiro/talk-${String(n)}`;
  const started = (n: number) =>
    run(`provider-jobs run tiro talk-${String(n)}.wav --key talk-${String(n)} --detach`, { prints: /Started/ });
  const running = (text: string) => `until provider-jobs list --running | grep ${text}; do sleep 0.5; done`;

  const throwing = await startWorker(await buildBadRelease('throws'));
  await started(1);
  await showOnce('seen', `provider-jobs status ${job(1)}`, { prints: /Its workflow task fails: .*undefined/ });
  expect(throwing.output()).toMatch(/Cannot destructure property/);
  await throwing.drain();
  const good = await startWorker();
  await run(running('None'));
  await show('over', `provider-jobs list`, { prints: /talk-1.*succeeded/ });

  world.simulator.setPlan('tiro', { durationMs: 10 * 60_000 });
  await started(2);
  await run(`until provider-jobs status ${job(2)} | grep PROCESSING; do sleep 0.2; done`);
  await good.drain();
  const changed = await startWorker(await buildBadRelease('adds-a-step'));
  // Any news of the job is replayed on all of its history.
  await run(`temporal workflow signal --workflow-id ${job(2)} --name wake`);
  await showOnce('seen', `provider-jobs status ${job(2)}`, { prints: /Its workflow task fails: .*Nondeterminism/i });
  await started(3);
  await run(`until temporal workflow show --workflow-id ${job(3)} | grep TimerStarted; do sleep 0.2; done`);
  await changed.drain();

  await startWorker();
  await run(`temporal workflow signal --workflow-id ${job(3)} --name wake`);
  await showOnce('began', `provider-jobs status ${job(3)}`, { prints: /Its workflow task fails/ });
  await run(`until provider-jobs status ${job(2)} | grep succeeded; do sleep 0.5; done`);
  const reset = `temporal workflow reset --type FirstWorkflowTask --reason 'bad release' --workflow-id ${job(3)}`;
  await show('began', reset);
  await run(running('None'));
  await show('began', `provider-jobs status ${job(3)}`, { prints: /^succeeded/ });
  await run('provider-jobs list --phase succeeded', { prints: /(talk-\d.*){3}/s });
  expect(world.simulator.counters().jobsCreated.tiro).toBe(3);
  await rehearsal.expectInRunbook();
});
