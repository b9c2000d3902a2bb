import type { Client } from '@temporalio/client';
import prettyBytes from 'pretty-bytes';
import type { StepResult } from '../../client/pipeline-result.ts';
import { formatDuration } from '../../polling/duration.ts';
import type { Counters } from '../../simulator/calls.ts';
import { paintPhase } from '../describe-snapshot.ts';
import { drawTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';

const head = ['job', 'phase', 'status calls', 'history events', 'bytes sent', 'elapsed', 'artifact'];

function bytesSentTo(provider: string, operations: Counters['operations']): number {
  return Object.entries(operations)
    .filter(([operation]) => operation.startsWith(`${provider}.`))
    .reduce((sum, [, { bytesReceived }]) => sum + bytesReceived, 0);
}

function describeArtifacts({ artifacts, jobId }: StepResult): string {
  const [first, ...more] = artifacts;
  if (first === undefined) return jobId === null ? '–' : `${jobId} at the provider`;
  return more.length === 0 ? first.name : `${first.name} and ${String(more.length)} more`;
}

/** The demo's table: a row for each job, with what it cost. */
export async function drawDemoTable(
  client: Client,
  jobs: readonly StepResult[],
  operations: Counters['operations'],
  { colors }: Terminal,
): Promise<string> {
  const rows = jobs.map(async (job) => {
    const { step, provider, workflowId, phase, statusCalls, failure, runId } = job;
    const started = runId === null ? null : await client.workflow.getHandle(workflowId, runId).describe();
    const elapsedMs =
      started?.closeTime === undefined ? null : started.closeTime.getTime() - started.startTime.getTime();
    return [
      step,
      failure === null ? paintPhase(phase, colors) : colors.red(failure.type),
      String(statusCalls),
      started === null ? '–' : String(started.historyLength),
      prettyBytes(bytesSentTo(provider, operations)),
      elapsedMs === null ? '–' : formatDuration(elapsedMs),
      describeArtifacts(job),
    ];
  });
  return drawTable(head, await Promise.all(rows));
}
