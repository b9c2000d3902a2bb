import { type Command, Option } from 'commander';
import type { Client } from '@temporalio/client';
import { listedFailures, type ListedJob, listJobs } from '../../client/list-jobs.ts';
import { type ProviderName, providerNames } from '../../providers/registry.ts';
import { type Phase, phases } from '../../snapshot.ts';
import type { CommandContext } from '../command-context.ts';
import { paintPhase } from '../describe-snapshot.ts';
import { countOption } from '../number-options.ts';
import { drawTable } from '../table.ts';
import { withTemporal } from '../temporal-session.ts';
import { createTerminal } from '../terminal.ts';

interface ListCommandOptions {
  provider?: ProviderName;
  phase?: Phase;
  failure?: string;
  running?: boolean;
  limit: number;
  json?: boolean;
}

/** Adds `list`: the jobs that Temporal knows, running ones first. */
export function addListCommand(program: Command, context: CommandContext): void {
  program
    .command('list')
    .summary('list jobs, running ones first')
    .description(
      'Lists jobs, pipelines, ingests, sweeps and retentions that Temporal knows: running ones first, then those that ended last.',
    )
    .addOption(new Option('--provider <name>', 'only jobs at this provider').choices(providerNames))
    .addOption(new Option('--phase <phase>', 'only jobs in this phase, as last seen').choices(phases))
    .addOption(new Option('--failure <type>', 'only those that ended by this failure').choices(listedFailures))
    .option('--running', 'only those that have not ended')
    .option('--limit <count>', 'how many at the most', countOption, 50)
    .option('--json', 'print them as one JSON object')
    .addHelpText('after', '\nExample:\n  $ provider-jobs list --provider tiro --phase failed')
    .action((options: ListCommandOptions) => withTemporal(context, ({ client }) => showJobs(client, options)));
}

async function showJobs(client: Client, options: ListCommandOptions): Promise<void> {
  const terminal = createTerminal(options);
  const { provider, phase, failure, running, limit } = options;
  const found: ListedJob[] = [];
  // One more than is shown tells whether there are more.
  for await (const job of listJobs(client, { provider, phase, failure, running, limit: limit + 1 })) found.push(job);
  const jobs = found.slice(0, limit);
  const more = found.length > limit;
  const rows = jobs.map(({ workflowId, phase, workflowStatus, failure, jobId, startedAt }) => [
    workflowId,
    phase === null ? '' : paintPhase(phase, terminal.colors),
    failure === null ? workflowStatus.toLowerCase() : `${workflowStatus.toLowerCase()}: ${failure}`,
    jobId ?? '',
    startedAt.slice(0, 19).replace('T', ' '),
  ]);
  if (rows.length === 0) terminal.say('None.');
  else terminal.say(drawTable(['workflow id', 'phase', 'workflow', 'job id', 'started (UTC)'], rows));
  if (more) terminal.say(`There are more than ${String(limit)}; see --limit.`);
  terminal.result({ jobs, more });
}
