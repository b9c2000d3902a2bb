import { createHash } from 'node:crypto';
import { type ScheduleOptions, ScheduleOverlapPolicy } from '@temporalio/client';
import { formatDuration } from '../polling/duration.ts';
import { ingestWorkflowType } from '../contract/workflow-types.ts';
import { stepName } from '../contract/pipeline.ts';
import type { IngestInput } from '../contract/ingest.ts';
import { canonicalJson } from '../client/input-fingerprint.ts';
import { pipelineSteps } from '../client/pipeline-input.ts';
import type { OverlapPolicy, ScheduleDefinition } from './schedule-file.ts';

const prefix = 'provider-jobs-';

/** The id under which Temporal knows a schedule of ours. */
export function scheduleIdOf(id: string): string {
  return `${prefix}${id}`;
}

/** The inverse of `scheduleIdOf`; `null` for a schedule that is not ours. */
export function parseScheduleId(scheduleId: string): string | null {
  return scheduleId.startsWith(prefix) ? scheduleId.slice(prefix.length) : null;
}

const overlaps = {
  skip: ScheduleOverlapPolicy.SKIP,
  'buffer-one': ScheduleOverlapPolicy.BUFFER_ONE,
  'buffer-all': ScheduleOverlapPolicy.BUFFER_ALL,
  'cancel-other': ScheduleOverlapPolicy.CANCEL_OTHER,
  'terminate-other': ScheduleOverlapPolicy.TERMINATE_OTHER,
  'allow-all': ScheduleOverlapPolicy.ALLOW_ALL,
} as const satisfies Record<OverlapPolicy, ScheduleOverlapPolicy>;

/** Temporal's word for an overlap policy. */
function overlapOf(policy: OverlapPolicy): (typeof overlaps)[OverlapPolicy] {
  return overlaps[policy];
}

/** The memo's field, on the workflows that a schedule starts, that tells which version of the file it comes from. */
export const definitionMemo = 'scheduleDefinition';

/** A hash of a schedule's definition. Whether it is paused is not part of it: people pause schedules by hand. */
export function fingerprintDefinition(definition: ScheduleDefinition): string {
  const lasting = { ...definition, steps: pipelineSteps.parse(definition.steps), paused: undefined };
  return createHash('sha256').update(canonicalJson(lasting)).digest('hex').slice(0, 16);
}

/** A schedule as Temporal takes it, for the workers of a task queue, save for whether it is paused. */
export function scheduleOptions(definition: ScheduleDefinition, taskQueue: string) {
  const { id, every, cron, directory, steps, strategy, settleFor, retryFailed, extensions } = definition;
  const input: IngestInput = { directory, steps, strategy, settleFor, retryFailed, extensions };
  const rhythm = every === undefined ? `at ${cron ?? ''} (UTC)` : `every ${formatDuration(every)}`;
  const names = steps.map(stepName).join(', ');
  return {
    scheduleId: scheduleIdOf(id),
    spec: {
      ...(every === undefined ? {} : { intervals: [{ every }] }),
      ...(cron === undefined ? {} : { cronExpressions: [cron] }),
      jitter: definition.jitter,
    },
    policies: { overlap: overlapOf(definition.overlap), catchupWindow: definition.catchUpWindow },
    action: {
      type: 'startWorkflow',
      workflowType: ingestWorkflowType,
      workflowId: `ingest/${id}`,
      taskQueue,
      args: [input],
      workflowExecutionTimeout: definition.executionTimeout,
      memo: { [definitionMemo]: fingerprintDefinition(definition) },
      staticSummary: `Ingest ${directory}`.slice(0, 200),
      staticDetails: `Looks at ${directory} ${rhythm} and sends new media through ${names}.`.slice(0, 1000),
    },
  } satisfies ScheduleOptions;
}
