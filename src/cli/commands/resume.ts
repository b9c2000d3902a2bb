import { type Command, Option } from 'commander';
import type { FailedJobFilter } from '../../client/resume/failed-jobs.ts';
import type { ResumedJob, ResumeOptions } from '../../client/resume/resume-job.ts';
import { failureTypes } from '../../contract/failures.ts';
import { parseWorkflowId } from '../../contract/workflow-ids.ts';
import { parseDurationMs } from '../../polling/duration.ts';
import { type ProviderName, providerNames } from '../../providers/registry.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { sayAgainSteps, sayResumed, sayResumedSum } from '../resume-report.ts';
import { withTemporal } from '../temporal-session.ts';
import { createTerminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

interface ResumeCommandOptions extends ResumeOptions {
  provider?: ProviderName;
  failure?: string;
  since?: string;
  json?: boolean;
}

const failures = [...Object.keys(failureTypes), 'TimedOut', 'Terminated', 'Cancelled'];

/** Adds `resume`: failed jobs go on where they stopped. */
export function addResumeCommand(program: Command, context: CommandContext): void {
  program
    .command('resume')
    .summary('let failed jobs go on where they stopped, one or many')
    .description(
      'Lets jobs that failed, timed out, were terminated or cancelled go on where they stopped: what was uploaded or\n' +
        'created at the provider is not made again, and a deadline that has passed begins anew. Name jobs, or choose them\n' +
        'by --provider, --failure and --since: then only those that failed or timed out, unless --failure says otherwise,\n' +
        'and with --failed-at-provider and no --failure those that their provider ended, but for steps of pipelines.\n' +
        'Twice, or from two shells at once, it is the same run. A pipeline is run again: see `provider-jobs again --help`.',
    )
    .argument('[workflow-id...]', 'as printed at the start, or by `provider-jobs list`')
    .addOption(new Option('--provider <name>', 'every failed job at this provider').choices(providerNames))
    .addOption(new Option('--failure <type>', 'every job that ended by this failure').choices(failures))
    .option('--since <time>', 'every job that failed since then: 6h, or a time such as 2026-11-28T03:00Z')
    .option('--dry-run', 'only say what would be done, and what is made again at the provider')
    .option('--force', 'also where the provider may have it already and a second one is paid for')
    .option('--failed-at-provider', 'start anew jobs that their provider itself reported as failed')
    .option('--json', 'end with what became of each as one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  $ provider-jobs resume provider-job/tiro/talk-7 --dry-run\n' +
        '  $ provider-jobs resume --failure CredentialRejected --since 12h',
    )
    .action((ids: string[], options: ResumeCommandOptions) => resume(ids, options, context));
}

const isoTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

function readSince(written: string): Date {
  // A number alone has no unit, and what is nearly a date is read as another one.
  const agoMs = /[a-z]/i.test(written) ? parseDurationMs(written) : null;
  const atMs = isoTime.test(written) ? Date.parse(written) : NaN;
  const time = new Date(agoMs === null ? atMs : Date.now() - agoMs);
  if (Number.isNaN(time.getTime())) {
    throw new UsageError(
      `--since ${written}: expected a duration, for instance 6h, or a time such as 2026-11-28T03:00Z.`,
    );
  }
  return time;
}

function readFilter(
  { provider, failure, since }: ResumeCommandOptions,
  ids: readonly string[],
): FailedJobFilter | null {
  const hasFilter = provider !== undefined || failure !== undefined || since !== undefined;
  if (hasFilter === ids.length > 0) {
    throw new UsageError('Name jobs, or choose them by --provider, --failure or --since.');
  }
  const wrong = ids.filter((id) => parseWorkflowId(id) === null);
  if (wrong.length > 0) {
    throw new UsageError(wrong.map((id) => `${id}: expected the workflow id of a job or pipeline; see \`list\`.`));
  }
  return hasFilter ? { provider, failure, since: since === undefined ? undefined : readSince(since) } : null;
}

async function resume(ids: string[], options: ResumeCommandOptions, context: CommandContext): Promise<void> {
  const terminal = createTerminal(options);
  const filter = readFilter(options, ids);
  const { dryRun, force, failedAtProvider } = options;
  await withTemporal(context, async ({ jobs }) => {
    const resumed: ResumedJob[] = [];
    const take = (one: ResumedJob) => {
      resumed.push(one);
      sayResumed(one, terminal);
    };
    for (const id of new Set(ids)) {
      if (parseWorkflowId(id)?.kind !== 'pipeline') take(await jobs.resume(id, { dryRun, force, failedAtProvider }));
      else {
        const { outcome, runId, why, steps } = await jobs.again(id, { dryRun, failedAtProvider });
        const said = {
          started: 'restarted',
          startable: 'restartable',
          running: 'running',
          refused: 'refused',
        } as const;
        take({ workflowId: id, outcome: said[outcome], runId, why, plan: null });
        sayAgainSteps(steps, terminal);
      }
    }
    if (filter !== null) {
      for await (const one of jobs.resumeAll(filter, { dryRun, force, failedAtProvider })) take(one);
    }
    sayResumedSum(resumed, terminal);
    terminal.result({ jobs: resumed });
    if (resumed.some(({ outcome }) => outcome === 'refused')) process.exitCode = exitCodes.endedOtherwise;
  });
}
