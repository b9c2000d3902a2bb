import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { checkPipelineInput } from '../../client/check-input.ts';
import {
  type MediaPipelineInput,
  type PipelineStep,
  pipelineStrategies,
  type PipelineStrategy,
} from '../../contract/pipeline.ts';
import { toSourceUri } from '../../upload/source-uri.ts';
import type { CommandContext } from '../command-context.ts';
import { followPipeline } from '../follow-pipeline.ts';
import { collect } from '../given-options.ts';
import { addMediaOptions, type MediaCommandOptions, mediaInput } from '../media-options.ts';
import { withTemporal } from '../temporal-session.ts';
import { priorityOption } from '../number-options.ts';
import { createTerminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

interface PipelineCommandOptions extends MediaCommandOptions {
  steps?: string;
  file?: string;
  strategy: PipelineStrategy;
  key?: string;
  priority?: number;
  notify: string[];
  detach?: boolean;
  json?: boolean;
}

/** Adds `pipeline`: several jobs over one media file. */
export function addPipelineCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('pipeline')
    .summary('run several jobs over one media file')
    .description('Starts a pipeline of several jobs over one media file, and follows it. Ctrl-C detaches.')
    .argument('<source>', 'path, file: or https: URI');
  addMediaOptions(command)
    .option('--steps <providers>', 'comma-separated providers, each with its own defaults')
    .option('--file <steps.json>', 'steps with options: [{ "provider": "tiro", "options": { … } }, …]')
    .addOption(
      new Option(
        '--strategy <strategy>',
        'all; first-success: in order until one succeeds; race: the first success wins',
      )
        .choices(pipelineStrategies)
        .default('all'),
    )
    .option('--key <key>', 'idempotency key: the same key is the same pipeline (default: a random one)')
    .option('--priority <1-5>', 'where not all can go at once, 1 goes first and 5 last (default: 3)', priorityOption)
    .option('--notify <workflow-id>', 'a workflow that gets the jobFinished signals; repeatable', collect, [])
    .option('--detach', 'return as soon as the pipeline is started')
    .option('--json', 'end with the result as one JSON object')
    .addHelpText('after', '\nExample:\n  $ provider-jobs pipeline talk.mp4 --steps tiro,slng --strategy first-success')
    .action((source: string, options: PipelineCommandOptions) => runPipeline(source, options, context));
}

async function readSteps({ steps, file }: PipelineCommandOptions, cwd: string): Promise<PipelineStep[]> {
  if ((steps === undefined) === (file === undefined)) throw new UsageError('Give either --steps or --file.');
  // What is no step is found out, and named, by the check of the whole input.
  if (file === undefined)
    return (steps ?? '').split(',').map((provider) => ({ provider: provider.trim() }) as PipelineStep);
  try {
    return JSON.parse(await readFile(resolve(cwd, file), 'utf8')) as PipelineStep[];
  } catch (error) {
    throw new UsageError(`--file ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function runPipeline(source: string, options: PipelineCommandOptions, context: CommandContext): Promise<void> {
  const terminal = createTerminal(options);
  const input: MediaPipelineInput = {
    source: toSourceUri(source, context.cwd),
    ...mediaInput(options),
    steps: await readSteps(options, context.cwd),
    strategy: options.strategy,
    ...(options.notify.length === 0 ? {} : { notify: options.notify }),
  };
  await withTemporal(
    context,
    async (session) => {
      const handle = await session.jobs.pipeline(input, { key: options.key, priority: options.priority });
      const providers = input.steps.map(({ provider }) => provider);
      await followPipeline(handle, { providers, session, terminal, detach: options.detach === true });
    },
    [(client) => checkPipelineInput(client, input)],
  );
}
