import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { WorkflowFailedError } from '@temporalio/client';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { cleanedProviders, sweepOptions } from '../../client/cleaning-input.ts';
import { findInputFaults } from '../../client/input-faults.ts';
import { type CleaningResult, cleaningFates, type SweepInput } from '../../contract/cleaning.ts';
import { sweepWorkflowType } from '../../contract/workflow-types.ts';
import { formatDuration } from '../../polling/duration.ts';
import type { Provider } from '../../providers/provider.ts';
import { type ProviderName, providers } from '../../providers/registry.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { collect } from '../given-options.ts';
import { drawTable } from '../table.ts';
import { warnWithoutWorker } from '../task-queue-pollers.ts';
import { withTemporal } from '../temporal-session.ts';
import { createTerminal, type Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

interface SweepCommandOptions {
  provider: ProviderName[];
  credential: string[];
  olderThan?: string;
  delete?: boolean;
  json?: boolean;
}

const swept = cleanedProviders('sweep');
const leftBehind = swept.map((name) => {
  const { title, cleans }: Provider = providers[name];
  return `  ${title}: ${cleans?.sweep ?? ''}`;
});

/** Adds `sweep`: removes what lost jobs left behind at providers. */
export function addSweepCommand(program: Command, context: CommandContext): void {
  program
    .command('sweep')
    .summary('say, or remove, what lost jobs left behind at providers')
    .description(
      'Looks for what jobs left behind that failed, were cancelled or terminated:\n' +
        `${leftBehind.join('\n')}\n` +
        'Only what bears the marker of a job that this namespace knows, and whose job has been closed for long enough,\n' +
        'counts. Removes nothing without --delete.',
    )
    .addOption(
      new Option('--provider <name>', `where to look; repeatable (default: ${swept.join(', ')})`)
        .argParser((name: string, earlier: ProviderName[]) => collect(name, earlier) as ProviderName[])
        .default([], ''),
    )
    .option('--credential <alias>', "alias of an account's key; repeatable (default: default)", collect, [])
    .option('--older-than <duration>', 'how long the job must have been closed (default: 24h)')
    .option('--delete', 'remove what is found; what has failed cannot be resumed without uploading again then')
    .option('--json', 'end with what was found and done as one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  $ provider-jobs sweep\n  $ provider-jobs sweep --provider soket --older-than 3d --delete',
    )
    .action((options: SweepCommandOptions) => runSweep(options, context));
}

function readInput({ provider, credential, olderThan, delete: deletes }: SweepCommandOptions): SweepInput {
  const input: SweepInput = {
    providers: provider.length === 0 ? swept : [...new Set(provider)],
    ...(credential.length === 0 ? {} : { credentials: [...new Set(credential)] }),
    ...(olderThan === undefined ? {} : { olderThan }),
    ...(deletes === true ? { delete: true } : {}),
  };
  const faults = findInputFaults(z.strictObject(sweepOptions), input);
  if (faults.length > 0) throw new UsageError(faults.map(({ field, problem }) => `${field}: ${problem}`));
  return input;
}

/** What a sweep came to; of one that failed, as far as it tells. */
async function resultOf(ending: Promise<CleaningResult>): Promise<CleaningResult> {
  try {
    return await ending;
  } catch (error) {
    const cause = error instanceof WorkflowFailedError ? error.cause : undefined;
    const [details] = cause instanceof ApplicationFailure ? (cause.details ?? []) : [];
    if (typeof details !== 'object' || details === null || !('parts' in details)) throw error;
    return details as CleaningResult;
  }
}

function sayResult({ deletes, parts }: CleaningResult, terminal: Terminal): void {
  const rows = parts.map(({ provider, credential, counts, bytes, oldestSeconds, failure }) => [
    credential === null || credential === 'default' ? provider : `${provider} (${credential})`,
    failure === null
      ? cleaningFates.flatMap((fate) => (counts[fate] > 0 ? [`${String(counts[fate])} ${fate}`] : [])).join(', ') ||
        'nothing met'
      : `${failure.type}: ${failure.message}`,
    String(bytes),
    oldestSeconds > 0 ? formatDuration(oldestSeconds * 1000) : '',
  ]);
  terminal.say(drawTable(['account', 'met', 'bytes', 'oldest'], rows));
  const things = parts.flatMap(({ provider, things: some }) => some.map((thing) => ({ provider, ...thing })));
  for (const { provider, resource, id, workflowId, fate } of things) {
    terminal.say(`${fate}  ${provider}.${resource} ${id}  of ${workflowId}`);
  }
  if (!deletes) terminal.say('A dry run: nothing was removed; --delete removes what would be.');
}

async function runSweep(options: SweepCommandOptions, context: CommandContext): Promise<void> {
  const terminal = createTerminal(options);
  const input = readInput(options);
  await withTemporal(context, async (session) => {
    const { client, config } = session;
    await warnWithoutWorker(session, input.providers, terminal, false);
    const workflowId = `sweep/by-hand-${randomUUID()}`;
    terminal.say(`Started ${workflowId}`);
    const handle = await client.workflow.start(sweepWorkflowType, {
      ...{ workflowId, taskQueue: config.taskQueue, args: [input] },
      workflowExecutionTimeout: '12h',
      staticSummary: `Sweep ${input.providers.join(', ')}`,
    });
    const result = await resultOf(handle.result() as Promise<CleaningResult>);
    sayResult(result, terminal);
    terminal.result({ workflowId, ...result });
    if (result.parts.some(({ failure }) => failure !== null)) process.exitCode = exitCodes.endedOtherwise;
  });
}
