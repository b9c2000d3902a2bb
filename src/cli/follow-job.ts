import type { JobHandle } from '../client/job-handle.ts';
import { jobResultOf } from '../contract/job-result.ts';
import type { ProviderName } from '../providers/registry.ts';
import { describeJob } from './describe-snapshot.ts';
import { exitCodes } from './exit-codes.ts';
import { followUntilDetached, sayHowToGoOn } from './follow.ts';
import { jobExitCode, sayJob, unfinishedJob } from './job-report.ts';
import { warnWithoutWorker } from './task-queue-pollers.ts';
import type { TemporalSession } from './temporal-session.ts';
import type { Terminal } from './terminal.ts';

/** How a started job is followed. */
export interface FollowJobOptions {
  provider: ProviderName;
  session: TemporalSession;
  terminal: Terminal;
  /** False for a job that is only tracked. */
  transfers: boolean;
  /** Only says that it was started. */
  detach: boolean;
}

/** Says that something was started, and where to look at it. */
export function sayStarted(handle: { workflowId: string; webUrl: string | null }, { say }: Terminal): void {
  say(`Started ${handle.workflowId}`);
  say(`Web UI: ${handle.webUrl ?? 'not known; set PROVIDER_JOBS_WEB_URL to have links'}`);
}

/** Follows a started job to its end and sets the exit code by it; Ctrl-C leaves it running. */
export async function followJob(handle: JobHandle, options: FollowJobOptions): Promise<void> {
  const { provider, session, terminal } = options;
  sayStarted(handle, terminal);
  await warnWithoutWorker(session, [provider], terminal, options.transfers);
  if (options.detach) {
    sayHowToGoOn(handle.workflowId, terminal);
    terminal.result(unfinishedJob(await handle.snapshot()));
    return;
  }
  const end = await followUntilDetached(handle, (snapshot) => [describeJob(snapshot, terminal.colors)], terminal);
  if (!end.ended) {
    const { workflowId, runId } = handle;
    // It may end before anything was seen of it.
    terminal.result(end.last === null ? jobResultOf({ workflowId, runId, provider }, {}) : unfinishedJob(end.last));
    process.exitCode = exitCodes.interrupted;
    return;
  }
  sayJob(end.result, terminal);
  terminal.result(end.result);
  process.exitCode = jobExitCode(end.result);
}
