import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { JobOutcome } from '../../contract/job.ts';
import { awaitWorkflowEnd } from '../workflow-end.ts';
import { planResume, type ResumePlan } from './plan.ts';
import { resetRun } from './reset.ts';

/** How jobs are resumed. */
export interface ResumeOptions {
  /** Only says what would be done. Default false. */
  dryRun?: boolean | undefined;
  /** Also where what the provider may have already would be paid for a second time. Default false. */
  force?: boolean | undefined;
}

/** What resuming a job came to. */
export interface ResumedJob {
  workflowId: string;
  /**
   * `resumed`: goes on in a new run; `resumable`: would, without `dryRun`; `running`: it runs, perhaps since somebody
   * else resumed it; `refused`: see `why`.
   */
  outcome: 'resumed' | 'resumable' | 'running' | 'refused';
  /** The run that goes on, or the last one; `null` where there is none. */
  runId: string | null;
  /** Why it was refused, and what to do instead; `null` otherwise. */
  why: string | null;
  /** How it goes on; `null` where it does not. */
  plan: ResumePlan | null;
}

const stillThere = 'start it anew under its key, or see `provider-jobs list`';

/** Why a job that completed has nothing to go on with. */
async function whyNotCompleted(client: Client, workflowId: string, runId: string): Promise<string> {
  const end = await awaitWorkflowEnd<JobOutcome>(client, { workflowId, runId });
  const phase = 'result' in end ? end.result.phase : null;
  if (phase === 'succeeded') return 'it has succeeded';
  return `the provider has ended it as ${phase ?? 'unknown'}: resuming would find the same; start it under another key`;
}

/** Goes on where a job's latest run ended badly, without doing again what was done; whoever asks again is given the same run. */
export async function resumeJob(
  client: Client,
  workflowId: string,
  { dryRun = false, force }: ResumeOptions = {},
): Promise<ResumedJob> {
  const refuse = (why: string, runId: string | null): ResumedJob => {
    return { workflowId, outcome: 'refused', runId, why, plan: null };
  };
  const description = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    });
  if (description === null) return refuse(`Temporal does not know it (any more): ${stillThere}`, null);
  const { runId, status } = description;
  if (status.name === 'RUNNING' || status.name === 'PAUSED') {
    return { workflowId, outcome: 'running', runId, why: null, plan: null };
  }
  if (status.name === 'COMPLETED') return refuse(await whyNotCompleted(client, workflowId, runId), runId);
  const found = await planResume(client, description, { force });
  if ('why' in found) return refuse(found.why, runId);
  const { plan, eventId } = found;
  if (dryRun) return { workflowId, outcome: 'resumable', runId, why: null, plan };
  const resumed = await resetRun(client, description, eventId);
  return { workflowId, outcome: 'resumed', runId: resumed.runId, why: null, plan };
}
