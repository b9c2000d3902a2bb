import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { PipelineOutcome } from '../../contract/pipeline.ts';

/** What became of the pipeline of some content: there is none, it runs or succeeded, or it failed and why. */
export type PipelineFate = { kind: 'none' } | { kind: 'known' } | { kind: 'failed'; why: string };

function whyOf({ jobs }: PipelineOutcome): string {
  const failed = jobs.filter(({ phase }) => phase !== 'succeeded');
  const wordsOf = ({ message }: (typeof failed)[number]) => (message ? ` (${message})` : '');
  return failed.map((job) => `${job.step}: ${job.failure?.type ?? job.phase ?? 'failed'}${wordsOf(job)}`).join(', ');
}

/** Asks Temporal what became of a pipeline. */
export async function findPipelineFate(client: Client, workflowId: string): Promise<PipelineFate> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    const { status } = await handle.describe();
    if (status.name === 'RUNNING' || status.name === 'PAUSED') return { kind: 'known' };
    if (status.name !== 'COMPLETED') return { kind: 'failed', why: `its workflow is ${status.name}` };
    const outcome = (await handle.result()) as PipelineOutcome;
    return outcome.succeeded ? { kind: 'known' } : { kind: 'failed', why: whyOf(outcome) };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { kind: 'none' };
    throw error;
  }
}
