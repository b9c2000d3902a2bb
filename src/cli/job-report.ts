import prettyBytes from 'pretty-bytes';
import type { JobResult } from '../contract/job.ts';
import { jobResultOf } from '../contract/job-result.ts';
import type { LiveSnapshot } from '../client/live-snapshot.ts';
import type { PipelineSnapshot } from '../client/pipeline-handle.ts';
import type { PipelineResult } from '../client/pipeline-result.ts';
import { failureTypes, isFailureType } from '../contract/failures.ts';
import { exitCodes } from './exit-codes.ts';
import { paintPhase } from './describe-snapshot.ts';
import type { Terminal } from './terminal.ts';

/** The exit code that says how a job ended. */
export function jobExitCode({ phase, failure }: Pick<JobResult, 'phase' | 'failure'>): number {
  return phase === 'succeeded' && failure === null ? exitCodes.succeeded : exitCodes.endedOtherwise;
}

/** The exit code that says how a pipeline ended. */
export function pipelineExitCode({ succeeded, failure }: Pick<PipelineResult, 'succeeded' | 'failure'>): number {
  return succeeded && failure === null ? exitCodes.succeeded : exitCodes.endedOtherwise;
}

/** A failure in words, with what a person does about it. */
export function sayFailure(failure: JobResult['failure'], { say, colors }: Terminal): void {
  if (failure === null) return;
  say(`${colors.red(failure.type)}: ${failure.message}`);
  if (isFailureType(failure.type)) say(`${colors.dim('→')} ${failureTypes[failure.type].remedy}`);
}

/** How a job ended, for people. */
export function sayJob(job: JobResult, terminal: Terminal): void {
  const { say, colors } = terminal;
  const calls = `${String(job.statusCalls)} status ${job.statusCalls === 1 ? 'call' : 'calls'}`;
  const facts = [paintPhase(job.phase, colors), job.status, job.jobId === null ? null : `job ${job.jobId}`, calls];
  say(facts.filter((fact) => fact !== null).join(' · '));
  sayFailure(job.failure, terminal);
  // Files have their own words below.
  if (job.failure === null && job.files === undefined && job.message !== null) say(`Why: ${job.message}`);
  if (job.cleanup !== null) say(`Clean-up at the provider: ${job.cleanup}`);
  for (const file of job.files ?? []) {
    say(`  ${file.name}: ${paintPhase(file.phase, colors)}${file.message === null ? '' : ` (${file.message})`}`);
  }
  for (const artifact of job.artifacts) {
    say(`  ${artifact.name} (${prettyBytes(artifact.sizeBytes)}): ${artifact.uri}`);
  }
  for (const { name, why } of job.missing) say(`  ${colors.yellow(`no ${name}`)}: ${why}`);
  if (job.outcome !== null) say(`  outcome.json: ${job.outcome}`);
}

/** What is known of a job that goes on, in the shape of a result. */
export function unfinishedJob(snapshot: LiveSnapshot): JobResult {
  const { workflowId, runId, provider, resource, jobId, phase, status, recognised, message, statusCalls } = snapshot;
  const known = { resource, jobId, phase, status, recognised, message, statusCalls };
  return jobResultOf({ workflowId, runId, provider }, known);
}

/** What is known of a pipeline that goes on, in the shape of a result. */
export function unfinishedPipeline(
  snapshot: PipelineSnapshot,
): Omit<PipelineResult, 'succeeded'> & { succeeded: null } {
  const { workflowId, runId, strategy } = snapshot;
  const jobs = snapshot.jobs.map(({ step, provider, workflowId: id, snapshot: job }) => {
    const place = { step, workflowId: id, runId: job?.runId ?? null, provider };
    return jobResultOf(place, job === null ? {} : unfinishedJob(job));
  });
  return { workflowId, runId, strategy, succeeded: null, failure: null, jobs };
}
