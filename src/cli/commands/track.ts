import { Argument, type Command, Option } from 'commander';
import { checkTrack } from '../../client/check-input.ts';
import type { ResourceName } from '../../client/resource-name.ts';
import { type ProviderName, providerNames, providers } from '../../providers/registry.ts';
import type { CommandContext } from '../command-context.ts';
import { followJob } from '../follow-job.ts';
import { collect } from '../given-options.ts';
import { addJobOptions, type JobCommandOptions } from '../job-options.ts';
import { withTemporal } from '../temporal-session.ts';
import { createTerminal } from '../terminal.ts';

interface TrackCommandOptions extends JobCommandOptions {
  resource?: string;
  observe: 'phases' | 'terminal';
  collect?: boolean;
  translationLocale: string[];
}

function describeResources(): string {
  return providerNames
    .map((name) => {
      const { resources, defaultResource } = providers[name];
      const names = Object.keys(resources).map((each) => (each === defaultResource ? `${each} (default)` : each));
      return `  ${name.padEnd(12)}${names.join(', ')}`;
    })
    .join('\n');
}

/** Adds `track`: follows what somebody else created. */
export function addTrackCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('track')
    .summary('follow a job that exists already, by its id')
    .description('Follows a job that somebody else created at a provider; nothing is created. Ctrl-C detaches.')
    .addArgument(new Argument('<provider>', 'whose job').choices(providerNames))
    .argument('<id>', "the provider's id of the job")
    .option('--resource <name>', 'what the id stands for, see below')
    .addOption(
      new Option('--observe <what>', 'record every change of phase in the history, or only the end')
        .choices(['phases', 'terminal'])
        .default('phases'),
    )
    .option('--collect', 'store the results of the job when it has succeeded; not of an upload')
    .option('--translation-locale <locale>', 'with --collect at tiro: a translation to store; repeatable', collect, []);
  addJobOptions(command)
    .addHelpText(
      'after',
      `\nResources:\n${describeResources()}\n\nExamples:\n  $ provider-jobs track soket 8f14e45f --resource batch --json
  $ provider-jobs track tiro 8f14e45f --collect --translation-locale ko_KR`,
    )
    .action((provider: ProviderName, id: string, options: TrackCommandOptions) =>
      trackJob(provider, id, options, context),
    );
}

async function trackJob(
  provider: ProviderName,
  id: string,
  given: TrackCommandOptions,
  context: CommandContext,
): Promise<void> {
  const terminal = createTerminal(given);
  // The client says which resources there are where this is none.
  const resource = `${provider}.${given.resource ?? providers[provider].defaultResource}` as ResourceName;
  const { credential, deadline, observe, priority } = given;
  const orNone = (list: string[]) => (list.length === 0 ? undefined : list);
  const options = {
    ...{ credential, deadline, observe, priority, collect: given.collect },
    ...{ notify: orNone(given.notify), translationLocales: orNone(given.translationLocale) },
  };
  await withTemporal(
    context,
    async (session) => {
      const handle = await session.jobs.track(resource, id, options);
      await followJob(handle, {
        provider,
        session,
        terminal,
        transfers: given.collect === true,
        detach: given.detach === true,
      });
    },
    [() => checkTrack(resource, id, options)],
  );
}
