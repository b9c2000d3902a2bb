import type { Command } from 'commander';
import { parseWorkflowId } from '../../contract/workflow-ids.ts';
import type { CommandContext } from '../command-context.ts';
import { sayPipeline } from '../follow-pipeline.ts';
import { sayJob } from '../job-report.ts';
import { withTemporal } from '../temporal-session.ts';
import { createTerminal } from '../terminal.ts';

const endWithinMs = 10_000;

/** Adds `cancel`: asks for the cancellation of a job or pipeline. */
export function addCancelCommand(program: Command, context: CommandContext): void {
  program
    .command('cancel')
    .summary('cancel a job, or a pipeline with its jobs')
    .description(
      'Cancels a job, or a pipeline with its jobs, and tidies up at the provider where that is possible.\n' +
        'Waits up to ten seconds for the end and says what became of it. Exit 0 once Temporal has taken the request.',
    )
    .argument('<workflow-id>', 'as printed at the start, or by `provider-jobs list`')
    .option('--json', 'end with the result as one JSON object')
    .addHelpText('after', '\nExample:\n  $ provider-jobs cancel provider-job/slng/interview-42')
    .action((workflowId: string, options: { json?: boolean }) =>
      withTemporal(context, async ({ jobs }) => {
        const terminal = createTerminal(options);
        const isPipeline = parseWorkflowId(workflowId)?.kind === 'pipeline';
        const handle = isPipeline ? jobs.pipelineHandle(workflowId) : jobs.handle(workflowId);
        await handle.cancel();
        const signal = AbortSignal.timeout(endWithinMs);
        let status = 'RUNNING';
        for await (const snapshot of handle.watch({ signal })) status = snapshot.workflowStatus;
        const ended = status !== 'RUNNING' && status !== 'PAUSED';
        if (!ended) {
          terminal.say(`Asked for; it has not ended yet. See: provider-jobs status ${workflowId}`);
          terminal.result({ workflowId, ended, failure: null });
          return;
        }
        const result = await handle.result();
        if ('jobs' in result) sayPipeline(result, terminal);
        else sayJob(result, terminal);
        terminal.result({ ended, ...result });
      }),
    );
}
