import type { PipelineHandle } from '../client/pipeline-handle.ts';
import type { ProviderName } from '../providers/registry.ts';
import { describePipeline } from './describe-snapshot.ts';
import { exitCodes } from './exit-codes.ts';
import { followUntilDetached, sayHowToGoOn } from './follow.ts';
import { sayStarted } from './follow-job.ts';
import { pipelineExitCode, sayFailure, sayJob, unfinishedPipeline } from './job-report.ts';
import { warnWithoutWorker } from './task-queue-pollers.ts';
import type { TemporalSession } from './temporal-session.ts';
import type { Terminal } from './terminal.ts';
import type { PipelineResult } from '../client/pipeline-result.ts';

/** How a started pipeline is followed. */
export interface FollowPipelineOptions {
  /** Whose jobs it has. */
  providers: ProviderName[];
  session: Pick<TemporalSession, 'connection' | 'namespace' | 'config'>;
  terminal: Terminal;
  /** Only says that it was started. */
  detach: boolean;
}

/** How a pipeline ended, for people. */
export function sayPipeline(result: PipelineResult, terminal: Terminal): void {
  sayFailure(result.failure, terminal);
  for (const job of result.jobs) {
    terminal.say(`\n${terminal.colors.bold(job.step)}  ${job.workflowId}`);
    sayJob(job, terminal);
  }
}

/** Follows a started pipeline to its end and sets the exit code by it; Ctrl-C leaves it running. */
export async function followPipeline(handle: PipelineHandle, options: FollowPipelineOptions): Promise<void> {
  const { providers, session, terminal } = options;
  sayStarted(handle, terminal);
  await warnWithoutWorker(session, [...new Set(providers)], terminal);
  if (options.detach) {
    sayHowToGoOn(handle.workflowId, terminal);
    terminal.result(unfinishedPipeline(await handle.snapshot()));
    return;
  }
  const end = await followUntilDetached(handle, (snapshot) => describePipeline(snapshot, terminal.colors), terminal);
  if (!end.ended) {
    const { workflowId, runId } = handle;
    const unseen = { workflowId, runId, strategy: null, succeeded: null, failure: null, jobs: [] };
    terminal.result(end.last === null ? unseen : unfinishedPipeline(end.last));
    process.exitCode = exitCodes.interrupted;
    return;
  }
  sayPipeline(end.result, terminal);
  terminal.result(end.result);
  process.exitCode = pipelineExitCode(end.result);
}
