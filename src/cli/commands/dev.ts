import { resolve } from 'node:path';
import type { Command } from 'commander';
import { defaultTaskQueue } from '../../contract/task-queues.ts';
import { readConfig } from '../../config/config.ts';
import { findFreePort } from '../../dev/free-port.ts';
import { startLocalStack } from '../../dev/local-stack.ts';
import { allRoles, playedProviders, providersWithKeys, simulatedEnvironment } from '../../dev/simulated-environment.ts';
import { isS3Uri } from '../../s3/s3-uri.ts';
import { stoppable } from '../child-process.ts';
import type { CommandContext } from '../command-context.ts';
import { numberOption, portOption } from '../number-options.ts';
import { sayHowToJoin, watchChildren } from '../local-stack-report.ts';
import { createTerminal, type Terminal } from '../terminal.ts';

interface DevCommandOptions {
  live?: boolean;
  temporalPort?: number;
  uiPort?: number;
  simulatorPort?: number;
  timeScale?: number;
}

const usualPorts = { temporal: 7233, ui: 8233, simulator: 4010 };
const simulatedTimeScale = 10;
const devTaskQueue = `${defaultTaskQueue}-dev`;

/** Adds `dev`: a Temporal server with its Web UI, the simulator and a worker, until Ctrl-C. */
export function addDevCommand(program: Command, context: CommandContext): void {
  program
    .command('dev')
    .summary('run Temporal, its Web UI, the simulator and a worker, until Ctrl-C')
    .description(
      'Starts a Temporal dev server with its Web UI, the simulator of all providers, and a worker that uses both.\n' +
        'Where a usual port is taken a free one is used, and said. A server named by TEMPORAL_ADDRESS is used as it is,\n' +
        `with task queues of its own: of ${devTaskQueue}, or of <stem>-dev where PROVIDER_JOBS_TASK_QUEUE names a stem.\n` +
        'The server that it starts has the Nexus endpoint provider-jobs, for workflows in other namespaces.\n' +
        'With PROVIDER_JOBS_ENCRYPTION_KEYS it encrypts, and the Web UI that it starts decodes.',
    )
    .option('--live', 'use the real service of each provider whose *_API_KEY is set; the others stay simulated')
    .option('--temporal-port <port>', 'port of the Temporal server (default: 7233, or a free one)', portOption)
    .option('--ui-port <port>', 'port of the Web UI (default: 8233, or a free one)', portOption)
    .option('--simulator-port <port>', 'port of the simulator (default: 4010, or a free one)', portOption)
    .option(
      '--time-scale <factor>',
      'how many times faster clocks run (default: PROVIDER_JOBS_TIME_SCALE, else 10, with a real service 1)',
      numberOption,
    )
    .addHelpText('after', '\nExample:\n  $ provider-jobs dev\n  $ TIRO_API_KEY=… provider-jobs dev --live')
    .action((options: DevCommandOptions) => runDev(options, context));
}

// What was taken over from what `dev` says stays as it is.
const devStem = (stem: string) => (stem === devTaskQueue ? stem : `${stem}-dev`);

const scaleOf = ({ timeScale }: DevCommandOptions): Record<string, string> =>
  timeScale === undefined ? {} : { PROVIDER_JOBS_TIME_SCALE: String(timeScale) };

async function choosePort(name: keyof typeof usualPorts, given: number | undefined, terminal: Terminal) {
  if (given !== undefined) return given === 0 ? findFreePort() : given;
  const usual = usualPorts[name];
  const port = await findFreePort(usual);
  if (port !== usual) terminal.say(`Port ${String(usual)} (${name}) is taken: using ${String(port)}.`);
  return port;
}

async function runDev(options: DevCommandOptions, { environment, mainFile, cwd }: CommandContext): Promise<void> {
  const terminal = createTerminal();
  const live = options.live === true ? providersWithKeys(environment) : [];
  const simulated = playedProviders.filter((name) => !live.includes(name));
  const config = readConfig(simulatedEnvironment(environment, simulated, { ...allRoles, ...scaleOf(options) }));
  if (options.live === true && live.length === 0) terminal.warn('No *_API_KEY is set: everything is simulated.');
  const lifetime = stoppable();
  const temporalAddress = environment.TEMPORAL_ADDRESS?.trim();
  const isScaleGiven = options.timeScale !== undefined || environment.PROVIDER_JOBS_TIME_SCALE?.trim();
  const stack = await startLocalStack({
    environment,
    mainFile,
    simulated,
    // Jobs of others that wait on the server are not for a simulator, whatever stem these have.
    taskQueue: temporalAddress ? devStem(config.taskQueue) : config.taskQueue,
    timeScale: isScaleGiven || live.length > 0 ? config.timeScale : simulatedTimeScale,
    encrypted: config.encryptionKeys.length > 0,
    temporal: {
      temporalAddress,
      temporalCliPath: config.temporalCliPath,
      ...(temporalAddress ? {} : { port: await choosePort('temporal', options.temporalPort, terminal) }),
      ...(temporalAddress ? {} : { uiPort: await choosePort('ui', options.uiPort, terminal) }),
    },
    simulatorPort: await choosePort('simulator', options.simulatorPort, terminal),
    resultsDirectory: isS3Uri(config.resultsDirectory)
      ? config.resultsDirectory
      : resolve(cwd, config.resultsDirectory),
    say: terminal.say,
    onChildLine: (child, line) => {
      terminal.say(terminal.colors.dim(`[${child}] ${line}`));
    },
  });
  watchChildren(stack, terminal);
  terminal.say('');
  sayHowToJoin(stack, terminal);
  terminal.say('\nCtrl-C stops everything.');
  terminal.say(`Stopping (${await lifetime.asked()}).`);
  await stack.close();
}
