import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Rehearsal, startRehearsal } from './rehearsal.ts';

let rehearsal: Rehearsal;
beforeAll(async () => {
  rehearsal = await startRehearsal('retention', { namespace: 'test-4' });
  await rehearsal.startWorker();
});
afterAll(() => rehearsal.close());

it('Temporal has forgotten a closed job', async () => {
  const { run, show, world } = rehearsal;
  await run('provider-jobs run tiro talk-1.wav --key talk-1', { prints: /succeeded/ });
  await run('temporal operator namespace describe -n "$TEMPORAL_NAMESPACE"', { prints: /RetentionTtl/ });
  // As the end of the retention does.
  await run('temporal workflow delete --workflow-id provider-job/tiro/talk-1');
  await run('until provider-jobs list | grep None; do sleep 0.2; done');

  await show('seen', 'provider-jobs status provider-job/tiro/talk-1', { exitCode: 2, prints: /provider-jobs list/ });
  await show('seen', 'provider-jobs resume provider-job/tiro/talk-1', { exitCode: 1 });
  const folder = `"$PROVIDER_JOBS_RESULTS/$TEMPORAL_NAMESPACE/provider-job/tiro/talk-1"`;
  await show('kept', `ls ${folder}`, { prints: /outcome\.json/ });
  await show('kept', `grep -E '"(phase|jobId|endedAt)"' ${folder}/outcome.json`, { prints: /succeeded/ });
  await show('again', 'provider-jobs run tiro talk-1.wav --key talk-1 --detach', { prints: /Started/ });
  await run('until provider-jobs list --running | grep None; do sleep 0.5; done');
  // A key that was forgotten is free: this is a second job, and it is paid for.
  expect(world.simulator.counters().jobsCreated.tiro).toBe(2);
  await rehearsal.expectInRunbook();
});
