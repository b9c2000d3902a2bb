import { activityInfo, getClient } from '@temporalio/activity';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { canonicalLifecycleInput } from '../client/check-input.ts';
import { readJobResult } from '../client/job-result.ts';
import { KeyInUseError } from '../client/key-in-use-error.ts';
import { resumeJob } from '../client/resume/resume-job.ts';
import { describeLatest, endedBadly, isBeingCancelled, isOpen, readFailureType } from '../client/run-end.ts';
import { findDifferingFields } from '../client/start-workflow.ts';
import type { ExistingJob, ExistingJobActivities, LookAtJobInput, StepState } from '../contract/existing-job.ts';
import type { FailureType } from '../contract/failures.ts';
import type { JobResult } from '../contract/job.ts';
import type { Pace } from './patience/judge.ts';
import { jobNotFinished } from './wait/job-not-finished.ts';

const shortestMs = 1000;
const longestMs = 30_000;

const isSuccess = ({ phase, failure }: JobResult, acceptPartial = false) =>
  failure === null && (phase === 'succeeded' || (acceptPartial && phase === 'partially-succeeded'));

/** Whether a job has the input that is wanted; refuses one that has another, unless its key says that the work is the same. */
async function hasSameInput(client: Client, existing: WorkflowExecutionDescription, wanted: LookAtJobInput) {
  const { workflowId, provider, input, again } = wanted;
  try {
    const canonical = canonicalLifecycleInput(provider);
    const fields = await findDifferingFields(client, existing, input as object, canonical);
    if (fields.length > 0 && again !== 'same-work') throw new KeyInUseError(workflowId, fields);
    return fields.length === 0;
  } catch (error) {
    if (!(error instanceof KeyInUseError)) throw error;
    throw ApplicationFailure.nonRetryable(error.message, 'KeyInUse' satisfies FailureType);
  }
}

async function lookAtJob(wanted: LookAtJobInput): Promise<ExistingJob> {
  const { workflowId, provider, input, resumes, again, acceptPartial } = wanted;
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw ApplicationFailure.nonRetryable('input: expected an object', 'InvalidInput' satisfies FailureType);
  }
  const client = getClient();
  const existing = await describeLatest(client, workflowId);
  if (existing === null) return { kind: 'free', anew: false };
  const { runId } = existing;
  // What failed by its input did nothing, and is in nobody's way.
  if (endedBadly(existing) && (await readFailureType(client, existing)) === 'InvalidInput') {
    return { kind: 'free', anew: false };
  }
  const isSame = await hasSameInput(client, existing, wanted);
  if (isOpen(existing)) {
    // One that is on its way out is of use only once it is out.
    if (isBeingCancelled(existing)) throw jobNotFinished(`${workflowId} is being cancelled.`, shortestMs);
    return { kind: 'joined', runId, isOurs: false };
  }
  if (!endedBadly(existing)) {
    const isKept =
      again === undefined ||
      again === 'failed-steps' ||
      isSuccess(await readJobResult(client, { workflowId, runId, provider }), acceptPartial);
    return isKept ? { kind: 'joined', runId, isOurs: false } : { kind: 'free', anew: true };
  }
  if (!resumes) return { kind: 'free', anew: false };
  // What has another input, such as a new path of its media, is to go by that.
  const resumed = await resumeJob(client, workflowId, { dryRun: !isSame });
  if (resumed.mayBePaidTwice === true) {
    throw ApplicationFailure.nonRetryable(resumed.why, 'SubmitUnconfirmed' satisfies FailureType);
  }
  if (!isSame) return { kind: 'free', anew: false };
  if (resumed.outcome === 'refused' || resumed.runId === null) return { kind: 'free', anew: false };
  return { kind: 'joined', runId: resumed.runId, isOurs: true };
}

/** Makes the activities that look at jobs which exist already. */
export function createExistingJobActivities({ timeScale }: Pace): ExistingJobActivities {
  return {
    lookAtJob,
    async awaitJob({ workflowId, provider }) {
      const client = getClient();
      const existing = await describeLatest(client, workflowId);
      if (existing === null) {
        throw ApplicationFailure.nonRetryable(
          `${workflowId} is gone from Temporal`,
          'JobNotFound' satisfies FailureType,
        );
      }
      const { runId } = existing;
      if (!isOpen(existing)) return readJobResult(client, { workflowId, runId, provider });
      const waitedMs = Date.now() - activityInfo().scheduledTimestampMs;
      const delayMs = Math.min(longestMs / timeScale, Math.max(shortestMs / timeScale, waitedMs / 10));
      throw jobNotFinished(`${workflowId} runs.`, delayMs);
    },
    async findSteps({ steps }) {
      const client = getClient();
      return Promise.all(
        steps.map(async ({ workflowId, provider, acceptPartial }): Promise<StepState> => {
          const existing = await describeLatest(client, workflowId);
          if (existing === null || endedBadly(existing)) return 'other';
          if (isOpen(existing)) return 'running';
          const { runId } = existing;
          return isSuccess(await readJobResult(client, { workflowId, runId, provider }), acceptPartial)
            ? 'succeeded'
            : 'other';
        }),
      );
    },
  };
}
