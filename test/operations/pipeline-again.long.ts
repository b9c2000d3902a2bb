import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Rehearsal, startRehearsal } from './rehearsal.ts';

let rehearsal: Rehearsal;
beforeAll(async () => {
  rehearsal = await startRehearsal('pipeline-again', { namespace: 'test-6' });
  await rehearsal.startWorker();
});
afterAll(() => rehearsal.close());

it('a pipeline to run again', async () => {
  const { run, show, world } = rehearsal;
  const { simulator } = world;
  simulator.addFault({ kind: 'status', operation: 'slng.create', status: 422, times: 1 });
  const start = 'provider-jobs pipeline talk-1.wav --steps tiro,slng --key talk-1';
  await run(start, { exitCode: 1, prints: /RequestRejected/ });
  await show('seen', 'provider-jobs list | grep media-pipeline', { prints: /StepsFailed/ });
  const status = "provider-jobs status media-pipeline/talk-1 | grep -v '^ '";
  await show('seen', status, { exitCode: 1, prints: /RequestRejected/ });
  await show('again', 'provider-jobs again media-pipeline/talk-1 --dry-run', { prints: /its result is taken/ });
  await show('again', 'provider-jobs again media-pipeline/talk-1 --detach', { prints: /Started/ });
  await run('until provider-jobs list --running | grep None; do sleep 0.5; done');
  await show('over', status, { prints: /succeeded/ });
  await show('over', 'provider-jobs again media-pipeline/talk-1', { exitCode: 1, prints: /it has succeeded/ });
  expect(simulator.counters().jobsCreated).toMatchObject({ tiro: 1, slng: 1 });
  await rehearsal.expectInRunbook();
});
