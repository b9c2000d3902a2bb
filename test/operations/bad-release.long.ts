import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../setup/eventually.ts';
import { buildBadRelease } from './bad-release.ts';
import { type Rehearsal, startRehearsal } from './rehearsal.ts';

let rehearsal: Rehearsal;
beforeAll(async () => {
  rehearsal = await startRehearsal('bad-release', { namespace: 'test-1' });
  rehearsal.world.simulator.setPlan('tiro', { jobs: null, durationMs: 10 * 60_000 });
});
afterAll(() => rehearsal.close());

it('a release whose workflow code is bad', async () => {
  const { run, show, showOnce, startWorker, world } = rehearsal;
  const job = (n: number) => `provider-job/tiro/talk-${String(n)}`;
  const started = (n: number) =>
    run(`provider-jobs run tiro talk-${String(n)}.wav --key talk-${String(n)} --detach`, { prints: /Started/ });
  const fails = /Its workflow task fails/;

  const first = await startWorker();
  await started(1);
  await run(`until provider-jobs status ${job(1)} | grep PROCESSING; do sleep 0.2; done`);
  await first.drain();
  const throwing = await startWorker(await buildBadRelease('throws'));
  await started(2);
  await showOnce('seen', `provider-jobs status ${job(2)}`, { prints: fails });
  await eventually('the log has it', () => throwing.output().includes('Cannot read properties')).finally(() => {
    console.log(throwing.output());
  });
  await throwing.drain();

  const changed = await startWorker(await buildBadRelease('adds-a-step'));
  // The job that an older release began is asked to end, which its code would have to see.
  await run(`temporal workflow signal --workflow-id ${job(1)} --name wake`);
  await showOnce('seen', `provider-jobs status ${job(1)}`, { prints: /Nondeterminism/i });
  await started(3);
  await run(`until temporal workflow show --workflow-id ${job(3)} | grep TimerStarted; do sleep 0.2; done`);
  await changed.drain();

  await startWorker();
  await showOnce('over', 'provider-jobs list --running', { prints: /^((?!talk-2).)*talk-3((?!talk-[12]).)*$/s });
  await run(`temporal workflow signal --workflow-id ${job(3)} --name wake`);
  await showOnce('began', `provider-jobs status ${job(3)}`, { prints: fails });
  await show(
    'began',
    `temporal workflow reset --type FirstWorkflowTask --reason 'bad release' --workflow-id ${job(3)}`,
  );
  await run('until provider-jobs list --running | grep None; do sleep 0.5; done');
  await show('began', 'provider-jobs list', { prints: /(succeeded.*){3}/s });
  expect(world.simulator.counters().jobsCreated.tiro).toBe(3);
  await rehearsal.expectInRunbook();
});
