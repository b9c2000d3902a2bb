import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { readConfig } from '../../config/config.ts';
import { createLearnedTimes, type LearnedClass } from '../../polling/learned-times.ts';
import { type PriorsFolder, readPriorsFolder, resetPriorsFolder } from '../../worker/priors-folder.ts';
import type { CommandContext } from '../command-context.ts';
import { classColumns, describeClass, inOrder } from '../priors/describe-class.ts';
import { drawSvg } from '../priors/draw-svg.ts';
import { plotClass } from '../priors/plot-class.ts';
import { drawTable } from '../table.ts';
import { createTerminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

interface JsonOption {
  json?: boolean;
}

interface PriorsCommandOptions extends JsonOption {
  svg?: string;
}

// More would push the table out of sight.
const mostPlots = 4;

/** Adds `priors`: how long jobs take, as the workers have learned it. */
export function addPriorsCommand(program: Command, context: CommandContext): void {
  const priors = program
    .command('priors')
    .summary('how long jobs take, as workers have learned it')
    .description(
      'Shows how long jobs take by what workers have kept in PROVIDER_JOBS_PRIORS, and how far the vendor is off:\n' +
        'for each class a range that nine in ten jobs end in, and the newest 40 jobs that it was learned from.',
    )
    .option('--json', 'print them as one JSON object')
    .option('--svg <file>', 'draw them to a file; needs the packages vega and vega-lite')
    .addHelpText('after', '\nExample:\n  $ provider-jobs priors --svg priors.svg')
    .action((options: PriorsCommandOptions) => showPriors(options, context));
  priors
    .command('reset')
    .summary('forget what was learned')
    .description('Forgets what was learned. Workers that run forget it, too, when their next job has ended.')
    .option('--json', 'print what was done as one JSON object')
    .addHelpText('after', '\nExample:\n  $ provider-jobs priors reset')
    // What both have, `priors` takes.
    .action((_options: unknown, command: Command) => resetPriors(command.optsWithGlobals<JsonOption>(), context));
}

function findDirectory({ environment, cwd }: CommandContext): string {
  const { priorsDirectory } = readConfig(environment);
  if (priorsDirectory !== undefined) return resolve(cwd, priorsDirectory);
  throw new UsageError(
    'PROVIDER_JOBS_PRIORS is not set, and without it workers keep nothing of what they learn.\n' +
      'Set it to a directory, for the workers and here, and restart the workers.',
  );
}

async function use(directory: string, act: (directory: string) => Promise<PriorsFolder>): Promise<PriorsFolder> {
  try {
    return await act(directory);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const advice =
      error.code === 'ENOENT'
        ? 'There is no such directory yet: a worker makes it when it starts with the same PROVIDER_JOBS_PRIORS.'
        : 'Give this user access to it, or set PROVIDER_JOBS_PRIORS to another directory.';
    throw new UsageError(`${directory} cannot be used (${String(error.code)}).\n${advice}`);
  }
}

async function writeSvg(path: string, classes: readonly LearnedClass[]): Promise<void> {
  const svg = await drawSvg(classes);
  try {
    await writeFile(path, svg);
  } catch (error) {
    throw new UsageError(`--svg ${path}: the file cannot be written (${error instanceof Error ? error.message : ''})`);
  }
}

async function showPriors(options: PriorsCommandOptions, context: CommandContext): Promise<void> {
  const directory = findDirectory(context);
  const { jobs, problems } = await use(directory, readPriorsFolder);
  const times = createLearnedTimes();
  times.remember(jobs);
  const classes = inOrder(times.classes());
  const nothing =
    `Nothing was learned yet: ${directory} has no job that succeeded.\n` +
    'Workers write there some seconds after a job has ended, where their PROVIDER_JOBS_PRIORS names the same directory.';
  const svg = options.svg === undefined ? null : resolve(context.cwd, options.svg);
  if (svg !== null && classes.length === 0) throw new UsageError(`--svg: ${nothing}`);
  if (svg !== null) await writeSvg(svg, classes);

  const terminal = createTerminal(options);
  for (const problem of problems) terminal.warn(terminal.colors.yellow(problem));
  if (classes.length === 0) {
    terminal.say(nothing);
  } else {
    terminal.say(drawTable(classColumns, classes.map(describeClass)));
    const mostJobsFirst = classes.filter(({ learned }) => learned !== null).sort((a, b) => b.jobs - a.jobs);
    for (const each of mostJobsFirst.slice(0, mostPlots)) terminal.say(`\n${plotClass(each, terminal.colors) ?? ''}`);
  }
  if (svg !== null) terminal.say(`\nDrawn to ${svg}`);
  terminal.result({ directory, classes, problems, ...(svg === null ? {} : { svg }) });
}

async function resetPriors(options: JsonOption, context: CommandContext): Promise<void> {
  const directory = findDirectory(context);
  const { jobs, files, problems } = await use(directory, resetPriorsFolder);
  const terminal = createTerminal(options);
  for (const problem of problems) terminal.warn(terminal.colors.yellow(problem));
  const forgotten = new Set(jobs.map(({ id }) => id)).size;
  terminal.say(
    `Forgotten: what ${String(forgotten)} jobs have taught. Workers that run forget it when their next job has ended.`,
  );
  terminal.result({ directory, jobs: forgotten, files, problems });
}
