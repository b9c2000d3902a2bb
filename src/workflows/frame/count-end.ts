import { metricMeter, workflowInfo } from '@temporalio/workflow';
import type { JobResult } from '../../contract/job.ts';
import { metrics, unitOf } from '../../contract/metrics.ts';

type End = Pick<JobResult, 'provider' | 'phase' | 'failure' | 'statusCalls' | 'startedAt' | 'endedAt'>;

/**
 * Counts a job that has ended. As the last act of its workflow it is counted once, however often its activities were tried or
 * its history is replayed: the meter is silent in a replay, and makes no command.
 */
export function countEnd({ provider, phase, failure, statusCalls, startedAt, endedAt }: End): void {
  const { ended, duration, statusCalls: calls } = metrics;
  // The SDK's own tag for it is `taskQueue`.
  const of = { provider, task_queue: workflowInfo().taskQueue };
  const known = { ...of, phase: phase ?? 'unknown' };
  metricMeter.createCounter(ended.name, unitOf(ended), ended.meaning).add(1, {
    ...known,
    failure: failure?.type ?? 'none',
  });
  const tookMs = Date.parse(endedAt ?? '') - Date.parse(startedAt ?? '');
  if (tookMs >= 0) {
    metricMeter
      .createHistogram(duration.name, 'float', unitOf(duration), duration.meaning)
      .record(tookMs / 1000, known);
  }
  metricMeter.createHistogram(calls.name, 'float', unitOf(calls), calls.meaning).record(statusCalls, of);
}
