import { resolve } from 'node:path';
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import {
  applySchedules,
  deleteSchedule,
  listSchedules,
  pauseSchedule,
  readScheduleFile,
  resumeSchedule,
  ScheduleNotFoundError,
  triggerSchedule,
} from '../../schedules.ts';
import type { CommandContext } from '../command-context.ts';
import { drawTable } from '../table.ts';
import { withTemporal } from '../temporal-session.ts';
import { createTerminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

interface JsonOption {
  json?: boolean;
}

const actions = [
  { name: 'trigger', done: 'triggered', summary: 'run a schedule now, under its overlap policy', act: triggerSchedule },
  { name: 'pause', done: 'paused', summary: 'pause a schedule; runs that go on are left alone', act: pauseSchedule },
  { name: 'resume', done: 'resumed', summary: 'resume a paused schedule', act: resumeSchedule },
  { name: 'delete', done: 'deleted', summary: 'delete a schedule; what it started goes on', act: deleteSchedule },
] as const;

/** Adds `schedules`: what runs by itself, such as the ingest of a directory. */
export function addSchedulesCommand(program: Command, context: CommandContext): void {
  const schedules = program
    .command('schedules')
    .summary('apply, list, trigger, pause, resume or delete schedules')
    .description(
      'Schedules are data in a JSON file, see examples/schedules.json; each runs as a workflow of its kind: `ingest`,\n' +
        '`sweep` or `retention`.',
    )
    .addHelpText('after', '\nExample:\n  $ provider-jobs schedules apply examples/schedules.json');
  schedules
    .command('apply')
    .summary('create or update the schedules of a file')
    .description('Creates or updates the schedules of a file; applied twice it changes nothing.')
    .argument('<file>', 'JSON file of schedules')
    .option('--json', 'print what was done as one JSON object')
    .addHelpText('after', '\nExample:\n  $ provider-jobs schedules apply examples/schedules.json')
    .action((file: string, options: JsonOption) => apply(resolve(context.cwd, file), options, context));
  schedules
    .command('list')
    .summary('list the schedules that come from our files')
    .description('Lists the schedules that come from our files, with their next and last runs.')
    .option('--json', 'print them as one JSON object')
    .addHelpText('after', '\nExample:\n  $ provider-jobs schedules list --json')
    .action((options: JsonOption) => withTemporal(context, ({ client }) => list(client, options)));
  for (const { name, done, summary, act } of actions) {
    schedules
      .command(name)
      .summary(summary)
      .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
      .argument('<id>', 'as in the file, or by `schedules list`')
      .option('--json', 'print what was done as one JSON object')
      .addHelpText('after', `\nExample:\n  $ provider-jobs schedules ${name} incoming-talks`)
      .action((id: string, options: JsonOption) =>
        withTemporal(context, async ({ client }) => {
          await act(client, id).catch((error: unknown) => {
            if (!(error instanceof ScheduleNotFoundError)) throw error;
            throw new UsageError(`There is no schedule ${id}; \`provider-jobs schedules list\` names all.`);
          });
          const terminal = createTerminal(options);
          terminal.say(`${id}: ${done}`);
          terminal.result({ id, outcome: done });
        }),
      );
  }
}

async function apply(file: string, options: JsonOption, context: CommandContext): Promise<void> {
  // The faults of the file are told without a server too.
  await readScheduleFile(file);
  await withTemporal(context, async ({ client, config }) => {
    const terminal = createTerminal(options);
    const schedules = await applySchedules(client, file, { taskQueue: config.taskQueue });
    for (const { id, outcome } of schedules) terminal.say(`${id}: ${outcome}`);
    terminal.result({ schedules });
  });
}

async function list(client: Client, options: JsonOption): Promise<void> {
  const terminal = createTerminal(options);
  const schedules = await listSchedules(client);
  const rows = schedules.map(({ id, paused, note, nextRunAt, recentRuns }) => [
    id,
    paused ? `paused${note ? ` (${note})` : ''}` : 'on',
    nextRunAt ?? '',
    recentRuns.at(-1)?.startedAt ?? '',
  ]);
  if (rows.length === 0) terminal.say('None.');
  else terminal.say(drawTable(['schedule', 'state', 'next run', 'last run'], rows));
  terminal.result({ schedules });
}
