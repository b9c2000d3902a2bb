import type { Command } from 'commander';
import { readConfig } from '../../config/config.ts';
import { createCredentialResolver, type Credentials } from '../../config/credentials.ts';
import { providerNames, type ProviderName } from '../../providers/registry.ts';
import { simulatedProviders, startSimulator } from '../../simulator/index.ts';
import { reportReady, stoppable } from '../child-process.ts';
import { childFlag, type CommandContext } from '../command-context.ts';
import { createTerminal } from '../terminal.ts';
import { countOption, numberOption, portOption } from '../number-options.ts';
import { Option } from 'commander';

interface SimulatorCommandOptions {
  host: string;
  port: number;
  timeScale?: number;
  chunkSize?: number;
}

/** Adds `simulator`: the four providers as one HTTP server. */
export function addSimulatorCommand(program: Command, context: CommandContext): void {
  program
    .command('simulator')
    .summary('run the simulator of the providers')
    .description(
      'Runs the four providers and their storage as one HTTP server. It accepts the keys in the *_API_KEY variables;\n' +
        'for a provider without one it prints a key of its own. GET /_simulator/counters says what was asked of it,\n' +
        'GET /_simulator/jobs what it holds, PUT /_simulator/weather draws faults by a seed. Results name the SHA-256 and\n' +
        'the size of the media that they are made of.',
    )
    .option('--host <address>', 'address to listen at', '127.0.0.1')
    .option('--port <port>', 'port to listen at; 0 is any free one', portOption, 4010)
    .option(
      '--time-scale <factor>',
      'how many times faster its clocks run (default: PROVIDER_JOBS_TIME_SCALE)',
      numberOption,
    )
    .option('--chunk-size <bytes>', 'part size of a TwelveLabs upload (default: 5242880)', countOption)
    .addOption(new Option(childFlag).hideHelp())
    .addHelpText('after', '\nExample:\n  $ provider-jobs simulator --port 4010 --time-scale 10')
    .action((options: SimulatorCommandOptions) => runSimulator(options, context));
}

async function runSimulator(options: SimulatorCommandOptions, { environment }: CommandContext): Promise<void> {
  const stop = stoppable();
  const terminal = createTerminal();
  // It calls nobody, however fast its clocks run.
  const config = readConfig({ ...environment, PROVIDER_JOBS_FORCE_TIME_SCALE: 'true' });
  const simulator = await startSimulator({
    host: options.host,
    port: options.port,
    timeScale: options.timeScale ?? config.timeScale,
    keys: await readKeys(config.credentials),
    ...(options.chunkSize === undefined ? {} : { chunkSizeBytes: options.chunkSize }),
  });
  terminal.say(`The simulator listens at ${simulator.url} (pid ${String(process.pid)}). A worker uses it with:`);
  for (const name of simulatedProviders) {
    terminal.say(`  ${name.toUpperCase()}_BASE_URL=${simulator.baseUrls[name]}`);
    // Only keys that it made up itself are ever printed.
    if (!hasKeys(config.credentials, name))
      terminal.say(`  ${name.toUpperCase()}_API_KEY=${simulator.keys[name][0] ?? ''}`);
  }
  reportReady({ ready: true, url: simulator.url });
  await stop.asked();
  await simulator.close();
}

function hasKeys(credentials: Credentials, name: string): boolean {
  return providerNames.some((provider) => provider === name && credentials[provider].size > 0);
}

async function readKeys(credentials: Credentials): Promise<Record<string, string[]>> {
  const resolve = createCredentialResolver(credentials);
  const keysOf = (name: ProviderName) =>
    Promise.all([...credentials[name].keys()].map((alias) => resolve(name, alias)));
  return Object.fromEntries(await Promise.all(providerNames.map(async (name) => [name, await keysOf(name)] as const)));
}
