import { Argument, type Command } from 'commander';
import { checkLifecycleInput } from '../../client/check-input.ts';
import type { LifecycleInputs, LifecycleProvider } from '../../providers/lifecycle-inputs.ts';
import type { Provider } from '../../providers/provider.ts';
import { providerNames, providers } from '../../providers/registry.ts';
import { toSourceUri } from '../../upload/source-uri.ts';
import type { CommandContext } from '../command-context.ts';
import { followJob } from '../follow-job.ts';
import { collect, readGivenOptions } from '../given-options.ts';
import { addJobOptions, type JobCommandOptions } from '../job-options.ts';
import { addMediaOptions, type MediaCommandOptions, mediaInput } from '../media-options.ts';
import { withTemporal } from '../temporal-session.ts';
import { createTerminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

interface RunCommandOptions extends JobCommandOptions, MediaCommandOptions {
  key?: string;
  option: string[];
  options?: string;
}

/** Adds `run`: a job from its media to its results. */
export function addRunCommand(program: Command, context: CommandContext): void {
  const drivable = providerNames.filter((name) => (providers[name] as Provider).lifecycle !== undefined);
  const command = program
    .command('run')
    .summary('run a job from a file to its results')
    .description('Starts a job from its media to its results, and follows it. Ctrl-C detaches; the job goes on.')
    .addArgument(new Argument('<provider>', 'whose job').choices(drivable))
    .argument('<source...>', 'path, file: or https: URI; several files where the provider takes them in one job')
    .option(
      '--option <key=value>',
      "one of the provider's own options; JSON values are understood; repeatable",
      collect,
      [],
    )
    .option('--options <json>', "the provider's own options as one JSON object")
    .option('--key <key>', 'idempotency key: the same key is the same job (default: a random one)');
  addJobOptions(addMediaOptions(command))
    .addHelpText(
      'after',
      `
Examples:
  $ provider-jobs run tiro talk.wav --option 'translationLocales=["ko_KR"]'
  $ provider-jobs run soket one.mp3 two.mp3 --key interview-42 --json`,
    )
    .action((provider: LifecycleProvider, sources: string[], options: RunCommandOptions) =>
      runJob(provider, sources, options, context),
    );
}

async function runJob(
  provider: LifecycleProvider,
  sources: string[],
  options: RunCommandOptions,
  context: CommandContext,
): Promise<void> {
  const terminal = createTerminal(options);
  const [first, ...more] = sources.map((source) => toSourceUri(source, context.cwd));
  const own = {
    source: more.length === 0 ? first : [first, ...more],
    ...mediaInput(options),
    ...(options.credential === undefined ? {} : { credential: options.credential }),
    ...(options.deadline === undefined ? {} : { deadline: options.deadline }),
    ...(options.notify.length === 0 ? {} : { notify: options.notify }),
  };
  const given = readGivenOptions(options.options, options.option);
  const twice = Object.keys(given).filter((name) => Object.hasOwn(own, name));
  if (twice.length > 0) throw new UsageError(twice.map((name) => `--option ${name}: it is given as such already`));
  const input = { ...given, ...own } as LifecycleInputs[LifecycleProvider];
  await withTemporal(
    context,
    async (session) => {
      const { key, priority } = options;
      const handle = await session.jobs.start(provider, input, { key, priority });
      await followJob(handle, { provider, session, terminal, transfers: true, detach: options.detach === true });
    },
    [(client) => checkLifecycleInput(client, provider, input)],
  );
}
