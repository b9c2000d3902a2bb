import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { JobOutcome } from '../../contract/job.ts';
import { lifecycleStart } from '../../contract/start-requests.ts';
import { parseWorkflowId } from '../../contract/workflow-ids.ts';
import type { LifecycleInputs } from '../../providers/lifecycle-inputs.ts';
import type { ProviderName } from '../../providers/registry.ts';
import { checkLifecycleInput } from '../check-input.ts';
import { InvalidInputError } from '../invalid-input-error.ts';
import { readInput } from '../read-input.ts';
import { describeLatest, isBeingCancelled, isOpen, priorityOf } from '../run-end.ts';
import { startWords } from '../start-words.ts';
import { startWorkflow } from '../start-workflow.ts';
import { awaitWorkflowEnd } from '../workflow-end.ts';
import { planResume, type ResumePlan } from './plan.ts';
import { resetRun } from './reset.ts';

/** How jobs are resumed. */
export interface ResumeOptions {
  /** Only says what would be done. Default false. */
  dryRun?: boolean | undefined;
  /** Also where what the provider may have already would be paid for a second time. Default false. */
  force?: boolean | undefined;
  /** Starts anew a job that its provider itself reported as failed; it is refused otherwise. Default false. */
  failedAtProvider?: boolean | undefined;
}

/** What resuming a job came to. */
export interface ResumedJob {
  workflowId: string;
  /**
   * `resumed`: goes on in a new run; `restarted`: was started anew; `resumable` and `restartable`: would, without `dryRun`;
   * `running`: it runs, perhaps since somebody else resumed it; `refused`: see `why`.
   */
  outcome: 'resumed' | 'resumable' | 'restarted' | 'restartable' | 'running' | 'refused';
  /** The run that goes on, or the last one; `null` where there is none. */
  runId: string | null;
  /** Why it was refused, and what to do instead; `null` otherwise. */
  why: string | null;
  /** How it goes on; `null` where it does not. */
  plan: ResumePlan | null;
  /** Set where it was refused for what the provider may have already and would be paid for again; `force` makes it. */
  mayBePaidTwice?: true;
}

const notOurs = 'expected the workflow id of a job, provider-job/<provider>/…';
const isPipeline = 'it is a pipeline: `provider-jobs again` runs it again';
const endsFirst = 'it is being cancelled and tidies up: ask again once it has ended';
const stillThere = 'start it anew under its key, or see `provider-jobs list`';

/** What was started by other means, or by older code, may be valid no more. */
function checkInputOf(client: Client, provider: ProviderName, given: LifecycleInputs['tiro']) {
  try {
    return checkLifecycleInput(client, provider, given);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return { why: `its input is not valid: ${error.message}` };
  }
}

/** A job that completed has nothing to go on with; one that its provider failed is started anew where that is wanted. */
async function resumeCompleted(
  client: Client,
  description: WorkflowExecutionDescription,
  { dryRun = false, failedAtProvider = false }: ResumeOptions,
): Promise<ResumedJob> {
  const { workflowId, runId, taskQueue } = description;
  const priority = priorityOf(description);
  const told = { workflowId, runId, why: null, plan: null };
  const end = await awaitWorkflowEnd<JobOutcome>(client, { workflowId, runId });
  const phase = 'result' in end ? end.result.phase : null;
  if (phase === 'succeeded') return { ...told, outcome: 'refused', why: 'it has succeeded' };
  const parsed = parseWorkflowId(workflowId);
  const { provider } = 'result' in end ? end.result : { provider: null };
  const isOurs = parsed?.kind === 'lifecycle' && provider !== null;
  if (!isOurs || !failedAtProvider) {
    const what = isOurs ? '--failed-at-provider starts it anew' : 'it has nothing to go on with';
    return { ...told, outcome: 'refused', why: `its provider has ended it as ${phase ?? 'unknown'}: ${what}` };
  }
  const given = (await readInput(client, { workflowId, runId })) as LifecycleInputs['tiro'];
  const checked = checkInputOf(client, provider, given);
  if ('why' in checked) return { ...told, outcome: 'refused', why: checked.why };
  const { input, deadlineMs, canonical } = checked;
  if (dryRun) return { ...told, outcome: 'restartable' };
  const words = startWords(provider, deadlineMs);
  const request = {
    ...lifecycleStart({ provider, input, key: parsed.key, deadlineMs, words }),
    workflowId,
    taskQueue,
    priority,
  };
  const restarted = await startWorkflow(client, request, {
    canonical,
    again: { mode: 'failed-at-provider', runId },
  });
  return { ...told, outcome: 'restarted', runId: restarted.runId };
}

/** Goes on where a job's latest run ended badly, without doing again what was done; whoever asks again is given the same run. */
export async function resumeJob(client: Client, workflowId: string, options: ResumeOptions = {}): Promise<ResumedJob> {
  const { dryRun = false, force } = options;
  const refuse = (why: string, runId: string | null): ResumedJob => {
    return { workflowId, outcome: 'refused', runId, why, plan: null };
  };
  const kind = parseWorkflowId(workflowId)?.kind;
  if (kind !== 'lifecycle' && kind !== 'track') return refuse(kind === undefined ? notOurs : isPipeline, null);
  const description = await describeLatest(client, workflowId);
  if (description === null) return refuse(`Temporal does not know it (any more): ${stillThere}`, null);
  const { runId, status } = description;
  if (isBeingCancelled(description)) return refuse(endsFirst, runId);
  if (isOpen(description)) {
    return { workflowId, outcome: 'running', runId, why: null, plan: null };
  }
  if (status.name === 'COMPLETED') return resumeCompleted(client, description, options);
  const found = await planResume(client, description, { force });
  if ('why' in found) {
    const { why, ...refusal } = found;
    return { ...refuse(why, runId), ...refusal };
  }
  const { plan, eventId } = found;
  if (dryRun) return { workflowId, outcome: 'resumable', runId, why: null, plan };
  // The server resets whatever it is told to, and ends what runs meanwhile: what came in between is to be heard of.
  if ((await describeLatest(client, workflowId))?.runId !== runId) return resumeJob(client, workflowId, options);
  const resumed = await resetRun(client, description, eventId);
  return { workflowId, outcome: 'resumed', runId: resumed.runId, why: null, plan };
}
