import type { Command } from 'commander';
import { collect } from './given-options.ts';
import { priorityOption } from './number-options.ts';

/** The options that every command has which starts a job. */
export interface JobCommandOptions {
  credential?: string;
  deadline?: string;
  priority?: number;
  notify: string[];
  detach?: boolean;
  json?: boolean;
}

/** Adds the options that `run` and `track` share. */
export function addJobOptions(command: Command): Command {
  return command
    .option('--credential <alias>', 'alias of the key that the worker uses (default: default)')
    .option('--deadline <duration>', "how long the job may take, for instance 10m (default: the provider's)")
    .option('--priority <1-5>', 'where not all can go at once, 1 goes first and 5 last (default: 3)', priorityOption)
    .option('--notify <workflow-id>', 'a workflow that gets the jobFinished signal; repeatable', collect, [])
    .option('--detach', 'return as soon as the job is started')
    .option('--json', 'end with the result as one JSON object');
}
