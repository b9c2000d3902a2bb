import { createHash } from 'node:crypto';
import { type ScheduleOptions, ScheduleOverlapPolicy } from '@temporalio/client';
import { formatDuration } from '../polling/duration.ts';
import type { RetentionInput, SweepInput } from '../contract/cleaning.ts';
import { ingestWorkflowType, retentionWorkflowType, sweepWorkflowType } from '../contract/workflow-types.ts';
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
  const steps = definition.kind === 'ingest' ? { steps: pipelineSteps.parse(definition.steps) } : {};
  const lasting = { ...definition, ...steps, paused: undefined };
  return createHash('sha256').update(canonicalJson(lasting)).digest('hex').slice(0, 16);
}

/** What a schedule starts, and what people read of it. */
interface Started {
  workflowType: string;
  input: IngestInput | SweepInput | RetentionInput;
  summary: string;
  does: string;
}

function startedBy(definition: ScheduleDefinition): Started {
  if (definition.kind === 'ingest') {
    const { directory, steps, strategy, settleFor, retryFailed, extensions } = definition;
    const input: IngestInput = { directory, steps, strategy, settleFor, retryFailed, extensions };
    const names = steps.map(stepName).join(', ');
    const does = `Looks at ${directory} and sends new media through ${names}`;
    return { workflowType: ingestWorkflowType, input, summary: `Ingest ${directory}`, does };
  }
  const { providers, olderThan, delete: deletes } = definition;
  const [names, does] = [providers.join(', '), deletes ? 'Removes' : 'Says (a dry run)'];
  const age = formatDuration(olderThan);
  if (definition.kind === 'sweep') {
    const input: SweepInput = { providers, credentials: definition.credentials, olderThan, delete: deletes };
    const what = `what jobs that were lost more than ${age} ago left at ${names}`;
    return { workflowType: sweepWorkflowType, input, summary: `Sweep ${names}`, does: `${does} ${what}` };
  }
  const input: RetentionInput = { providers, olderThan, delete: deletes };
  const what = `what is at ${names} of jobs that succeeded more than ${age} ago and are stored`;
  return { workflowType: retentionWorkflowType, input, summary: `Retention at ${names}`, does: `${does} ${what}` };
}

/** A schedule as Temporal takes it, for the workers of a task queue, save for whether it is paused. */
export function scheduleOptions(definition: ScheduleDefinition, taskQueue: string) {
  const { id, kind, every, cron } = definition;
  const { workflowType, input, summary, does } = startedBy(definition);
  const rhythm = every === undefined ? `at ${cron ?? ''} (UTC)` : `every ${formatDuration(every)}`;
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
      workflowType,
      workflowId: `${kind}/${id}`,
      taskQueue,
      args: [input],
      workflowExecutionTimeout: definition.executionTimeout,
      memo: { [definitionMemo]: fingerprintDefinition(definition) },
      staticSummary: summary.slice(0, 200),
      staticDetails: `${does}, ${rhythm}.`.slice(0, 1000),
    },
  } satisfies ScheduleOptions;
}
