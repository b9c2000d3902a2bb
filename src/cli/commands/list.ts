import { type Command, Option } from 'commander';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { type Phase, phases } from '../../snapshot.ts';
import {
  ingestWorkflowType,
  lifecycleWorkflowTypes,
  pipelineWorkflowType,
  retentionWorkflowType,
  sweepWorkflowType,
  trackWorkflowType,
} from '../../contract/workflow-types.ts';
import { failureTypes } from '../../contract/failures.ts';
import { stepsFailed } from '../../contract/pipeline.ts';
import { providerNames } from '../../providers/registry.ts';
import {
  providerJobFailureAttribute,
  providerJobIdAttribute,
  providerJobPhaseAttribute,
  providerNameAttribute,
} from '../../contract/search-attributes.ts';
import type { CommandContext } from '../command-context.ts';
import { paintPhase } from '../describe-snapshot.ts';
import { drawTable } from '../table.ts';
import { countOption } from '../number-options.ts';
import { withTemporal } from '../temporal-session.ts';
import { createTerminal } from '../terminal.ts';

interface ListCommandOptions {
  provider?: string;
  phase?: Phase;
  failure?: string;
  running?: boolean;
  limit: number;
  json?: boolean;
}

const ourTypes = [
  ...Object.values(lifecycleWorkflowTypes),
  trackWorkflowType,
  pipelineWorkflowType,
  ingestWorkflowType,
  sweepWorkflowType,
  retentionWorkflowType,
];

const failures = [...Object.keys(failureTypes), stepsFailed];

/** Adds `list`: the jobs that Temporal knows, newest first. */
export function addListCommand(program: Command, context: CommandContext): void {
  program
    .command('list')
    .summary('list jobs, newest first')
    .description('Lists jobs, pipelines, ingests, sweeps and retentions that Temporal knows, newest first.')
    .addOption(new Option('--provider <name>', 'only jobs at this provider').choices(providerNames))
    .addOption(new Option('--phase <phase>', 'only jobs in this phase, as last seen').choices(phases))
    .addOption(new Option('--failure <type>', 'only those that ended by this failure').choices(failures))
    .option('--running', 'only those that have not ended')
    .option('--limit <count>', 'how many at the most', countOption, 50)
    .option('--json', 'print them as one JSON object')
    .addHelpText('after', '\nExample:\n  $ provider-jobs list --provider tiro --phase failed')
    .action((options: ListCommandOptions) => withTemporal(context, ({ client }) => listJobs(client, options)));
}

function queryOf({ provider, phase, failure, running }: ListCommandOptions): string {
  const conditions = [`WorkflowType IN (${ourTypes.map((type) => `'${type}'`).join(', ')})`];
  if (provider !== undefined) conditions.push(`${providerNameAttribute.name} = '${provider}'`);
  if (phase !== undefined) conditions.push(`${providerJobPhaseAttribute.name} = '${phase}'`);
  if (failure !== undefined) conditions.push(`${providerJobFailureAttribute.name} = '${failure}'`);
  if (running === true) conditions.push("ExecutionStatus = 'Running'");
  return conditions.join(' AND ');
}

function describe(info: WorkflowExecutionInfo) {
  const attributes = info.typedSearchAttributes;
  return {
    workflowId: info.workflowId,
    runId: info.runId,
    workflowType: info.type,
    provider: attributes.get(providerNameAttribute) ?? null,
    jobId: attributes.get(providerJobIdAttribute) ?? null,
    phase: (attributes.get(providerJobPhaseAttribute) ?? null) as Phase | null,
    workflowStatus: info.status.name,
    failure: attributes.get(providerJobFailureAttribute) ?? null,
    startedAt: info.startTime.toISOString(),
    closedAt: info.closeTime?.toISOString() ?? null,
  };
}

async function listJobs(client: Client, options: ListCommandOptions): Promise<void> {
  const terminal = createTerminal(options);
  const jobs: ReturnType<typeof describe>[] = [];
  let more = false;
  for await (const info of client.workflow.list({ query: queryOf(options), pageSize: options.limit + 1 })) {
    more = jobs.length >= options.limit;
    if (more) break;
    jobs.push(describe(info));
  }
  const rows = jobs.map(({ workflowId, phase, workflowStatus, failure, jobId, startedAt }) => [
    workflowId,
    phase === null ? '' : paintPhase(phase, terminal.colors),
    failure === null ? workflowStatus.toLowerCase() : `${workflowStatus.toLowerCase()}: ${failure}`,
    jobId ?? '',
    startedAt.slice(0, 19).replace('T', ' '),
  ]);
  if (rows.length === 0) terminal.say('None.');
  else terminal.say(drawTable(['workflow id', 'phase', 'workflow', 'job id', 'started (UTC)'], rows));
  if (more) terminal.say(`There are more than ${String(options.limit)}; see --limit.`);
  terminal.result({ jobs, more });
}
