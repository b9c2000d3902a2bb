import type { Command } from 'commander';
import { collect } from './given-options.ts';

/** The options that every command has which starts a job. */
export interface JobCommandOptions {
  credential?: string;
  deadline?: string;
  notify: string[];
  detach?: boolean;
  json?: boolean;
}

/** Adds the options that `run` and `track` share. */
export function addJobOptions(command: Command): Command {
  return command
    .option('--credential <alias>', 'alias of the key that the worker uses (default: default)')
    .option('--deadline <duration>', "how long the job may take, for instance 10m (default: the provider's)")
    .option('--notify <workflow-id>', 'a workflow that gets the jobFinished signal; repeatable', collect, [])
    .option('--detach', 'return as soon as the job is started')
    .option('--json', 'end with the result as one JSON object');
}
