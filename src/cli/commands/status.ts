import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { JobHandle } from '../../client/job-handle.ts';
import type { PipelineHandle } from '../../client/pipeline-handle.ts';
import { parseWorkflowId } from '../../contract/workflow-ids.ts';
import type { CommandContext } from '../command-context.ts';
import { describeJob, describePipeline, type ProgressLine } from '../describe-snapshot.ts';
import { findFailingTask } from '../failing-workflow-task.ts';
import { jobExitCode, pipelineExitCode, sayJob, unfinishedJob, unfinishedPipeline } from '../job-report.ts';
import { sayPipeline } from '../follow-pipeline.ts';
import { withTemporal } from '../temporal-session.ts';
import { createTerminal, type Terminal } from '../terminal.ts';

/** Adds `status`: where a job or pipeline stands just now. */
export function addStatusCommand(program: Command, context: CommandContext): void {
  program
    .command('status')
    .summary('say where a job or pipeline stands just now')
    .description(
      'Says where a job or pipeline stands, without asking the provider; works without a worker too.\n' +
        'Exit 0 while it runs or where it succeeded, 1 where it ended otherwise.',
    )
    .argument('<workflow-id>', 'as printed at the start, or by `provider-jobs list`')
    .option('--json', 'print it as one JSON object')
    .addHelpText('after', '\nExample:\n  $ provider-jobs status provider-job/tiro/interview-42')
    .action((workflowId: string, options: { json?: boolean }) =>
      withTemporal(context, async ({ jobs, client }) => {
        const terminal = createTerminal(options);
        const isPipeline = parseWorkflowId(workflowId)?.kind === 'pipeline';
        if (isPipeline) await showPipeline(jobs.pipelineHandle(workflowId), client, terminal);
        else await showJob(jobs.handle(workflowId), client, terminal);
      }),
    );
}

function isOpen({ workflowStatus }: { workflowStatus: string }): boolean {
  return workflowStatus === 'RUNNING' || workflowStatus === 'PAUSED';
}

function sayProgress(lines: ProgressLine[], { say }: Terminal): void {
  for (const { news, details } of lines) say(details === '' ? news : `${news} · ${details}`);
}

async function sayFailingTask(client: Client, run: { workflowId: string; runId: string }, terminal: Terminal) {
  const why = await findFailingTask(client, run);
  if (why === null) return;
  terminal.say(`${terminal.colors.red('Its workflow task fails')}: ${why}`);
  terminal.say(
    `${terminal.colors.dim('→')} Nothing is lost: with workers of the release that began it, it goes on by itself.`,
  );
}

async function showJob(handle: JobHandle, client: Client, terminal: Terminal): Promise<void> {
  const snapshot = await handle.snapshot();
  if (isOpen(snapshot)) {
    sayProgress([describeJob(snapshot, terminal.colors)], terminal);
    if (snapshot.message !== null) terminal.say(`  ${snapshot.message}`);
    if (snapshot.source === 'temporal') await sayFailingTask(client, snapshot, terminal);
  }
  const result = isOpen(snapshot) ? unfinishedJob(snapshot) : await handle.result();
  if (!isOpen(snapshot)) sayJob(result, terminal);
  if (handle.webUrl !== null) terminal.say(`Web UI: ${handle.webUrl}`);
  terminal.result({ ...snapshot, ...result });
  if (!isOpen(snapshot)) process.exitCode = jobExitCode(result);
}

async function showPipeline(handle: PipelineHandle, client: Client, terminal: Terminal): Promise<void> {
  const snapshot = await handle.snapshot();
  const { workflowStatus } = snapshot;
  if (handle.webUrl !== null) terminal.say(`Web UI: ${handle.webUrl}`);
  if (isOpen(snapshot)) {
    sayProgress(describePipeline(snapshot, terminal.colors), terminal);
    await sayFailingTask(client, snapshot, terminal);
    terminal.result({ workflowStatus, ...unfinishedPipeline(snapshot) });
    return;
  }
  const result = await handle.result();
  sayPipeline(result, terminal);
  terminal.result({ workflowStatus, ...result });
  process.exitCode = pipelineExitCode(result);
}
