import type { Command } from 'commander';
import type { AgainOptions } from '../../client/resume/again.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { followPipeline } from '../follow-pipeline.ts';
import { sayAgainSteps } from '../resume-report.ts';
import { withTemporal } from '../temporal-session.ts';
import { createTerminal } from '../terminal.ts';

interface AgainCommandOptions extends AgainOptions {
  detach?: boolean;
  json?: boolean;
}

/** Adds `again`: runs a pipeline again that has ended without success. */
export function addAgainCommand(program: Command, context: CommandContext): void {
  program
    .command('again')
    .summary('run a pipeline again, and pay only for what failed')
    .description(
      'Runs a pipeline again that has ended without success, under its key: the results of steps that succeeded are taken,\n' +
        'jobs that run are joined, what failed goes on where it stopped or is started anew. Follows it; Ctrl-C detaches.\n' +
        'A pipeline that has succeeded is refused.',
    )
    .argument('<workflow-id>', 'of the pipeline, as printed at the start, or by `provider-jobs list`')
    .option('--dry-run', 'only say what becomes of each step')
    .option('--failed-at-provider', 'start anew also the jobs that their provider itself reported as failed')
    .option('--detach', 'return as soon as it is started')
    .option('--json', 'end with the result as one JSON object')
    .addHelpText('after', '\nExample:\n  $ provider-jobs again media-pipeline/talk-7 --dry-run')
    .action((workflowId: string, options: AgainCommandOptions) => runAgain(workflowId, options, context));
}

async function runAgain(workflowId: string, options: AgainCommandOptions, context: CommandContext): Promise<void> {
  const terminal = createTerminal(options);
  const { dryRun, failedAtProvider, detach = false } = options;
  await withTemporal(context, async (session) => {
    const handle = session.jobs.pipelineHandle(workflowId);
    const again = await session.jobs.again(workflowId, { dryRun, failedAtProvider });
    sayAgainSteps(again.steps, terminal);
    if (again.outcome === 'refused') {
      terminal.say(`${terminal.colors.yellow('refused')}  ${workflowId}  ${again.why ?? ''}`);
      terminal.result(again);
      process.exitCode = exitCodes.endedOtherwise;
      return;
    }
    if (again.outcome === 'startable') {
      terminal.result(again);
      return;
    }
    if (again.outcome === 'running') terminal.say(`${workflowId} runs already.`);
    const providers = again.steps.map(({ provider }) => provider);
    await followPipeline(handle, { providers, session, terminal, detach });
  });
}
