import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import type { Command } from 'commander';
import { ProviderJobs } from '../../client.ts';
import { readConfig } from '../../config/config.ts';
import { localConnection } from '../../config/temporal-connection.ts';
import { defaultTaskQueue } from '../../contract/task-queues.ts';
import { createDataConverter } from '../../encryption/data-converter.ts';
import { findFreePort } from '../../dev/free-port.ts';
import { type LocalStack, startLocalStack } from '../../dev/local-stack.ts';
import { formatDuration } from '../../polling/duration.ts';
import { allRoles, playedProviders, simulatedEnvironment } from '../../dev/simulated-environment.ts';
import { stoppable } from '../child-process.ts';
import type { CommandContext } from '../command-context.ts';
import { demoMedia, runDemoPipeline } from '../demo/run-demo-pipeline.ts';
import { exitCodes } from '../exit-codes.ts';
import { pipelineExitCode, sayFailure } from '../job-report.ts';
import { sayHowToJoin, watchChildren } from '../local-stack-report.ts';
import { openTemporal } from '../temporal-session.ts';
import { createTerminal, type Terminal } from '../terminal.ts';

interface DemoCommandOptions {
  keep?: boolean;
  json?: boolean;
}

const timeScale = 20;
const chunkSizeBytes = 256 * 1024;

/** Adds `demo`: one clip through all providers, simulated, on a real Temporal server. */
export function addDemoCommand(program: Command, context: CommandContext): void {
  program
    .command('demo')
    .summary('watch one clip go through all providers, simulated, on a real Temporal server')
    .description(
      'Starts a Temporal server, the simulator and a worker, runs one pipeline over the clip in examples/media through\n' +
        'every provider while two chunks of an upload fail once, prints what it cost, and stops everything again.\n' +
        'Always simulated: no API key is used, whatever is set, and on a server that\n' +
        'TEMPORAL_ADDRESS names no job of others is touched. Results go to a temporary directory, which is named.\n' +
        'With PROVIDER_JOBS_ENCRYPTION_KEYS it encrypts, and the Web UI that it starts decodes.',
    )
    .option('--keep', 'leave everything running until Ctrl-C, to look at the Web UI')
    .option('--json', "end with the pipeline's result as one JSON object")
    .addHelpText('after', '\nExample:\n  $ provider-jobs demo --keep')
    .action((options: DemoCommandOptions) => runDemo(options, context));
}

/** Without the real keys, which the demo uses none of. */
const readDemoConfig = (environment: NodeJS.ProcessEnv) =>
  readConfig(simulatedEnvironment(environment, playedProviders, allRoles));

async function startDemoStack(
  directory: string,
  key: string,
  context: CommandContext,
  terminal: Terminal,
): Promise<LocalStack> {
  const { environment, mainFile } = context;
  const { encryptionKeys, temporalCliPath } = readDemoConfig(environment);
  const log = createWriteStream(join(directory, 'demo.log'));
  return startLocalStack({
    environment: {
      ...environment,
      // The ports are those of a real worker beside it, and the roots are not those of the clip.
      ...{ PROVIDER_JOBS_HEALTH_PORT: '', PROVIDER_JOBS_METRICS: '' },
      PROVIDER_JOBS_SOURCE_ROOTS: dirname(fileURLToPath(demoMedia(mainFile))),
    },
    mainFile,
    simulated: playedProviders,
    timeScale,
    encrypted: encryptionKeys.length > 0,
    // A stem that nobody else has: jobs of others that wait on the server are not for a simulator.
    taskQueue: `${defaultTaskQueue}-${key}`,
    temporal: { temporalAddress: environment.TEMPORAL_ADDRESS?.trim(), temporalCliPath },
    simulatorPort: await findFreePort(),
    simulatorArgs: ['--chunk-size', String(chunkSizeBytes)],
    resultsDirectory: join(directory, 'results'),
    say: terminal.say,
    onChildLine: (child, line) => log.write(`[${child}] ${line}\n`),
  });
}

function connectTo(
  { temporal }: LocalStack,
  environment: CommandContext['environment'],
): { connection: Connection; namespace: string } {
  if (temporal.pid === null) return openTemporal(environment);
  return {
    connection: Connection.lazy({ ...localConnection, address: temporal.address }),
    namespace: temporal.namespace,
  };
}

async function runPipeline(
  stack: LocalStack,
  key: string,
  { environment, mainFile }: CommandContext,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { connection, namespace } = connectTo(stack, environment);
  try {
    const dataConverter = createDataConverter(readDemoConfig(environment).encryptionKeys);
    const client = new Client({ connection, namespace, dataConverter });
    const webUrl = stack.temporal.webUrl;
    const taskQueue = stack.variables['PROVIDER_JOBS_TASK_QUEUE'];
    const jobs = new ProviderJobs(client, { webUrl: webUrl ?? undefined, taskQueue });
    const simulatorUrl = stack.simulatorUrl ?? '';
    const result = await runDemoPipeline({ key, jobs, client, simulatorUrl, mainFile, terminal, signal });
    if (result === null) return exitCodes.interrupted;
    for (const job of result.jobs) sayFailure(job.failure, terminal);
    terminal.result(result);
    return pipelineExitCode(result);
  } finally {
    await connection.close();
  }
}

async function runDemo({ keep, json }: DemoCommandOptions, context: CommandContext): Promise<void> {
  const terminal = createTerminal({ json });
  const { say, colors } = terminal;
  const startedAt = Date.now();
  const directory = await mkdtemp(join(tmpdir(), 'provider-jobs-demo-'));
  const lifetime = stoppable();
  const key = `demo-${randomBytes(8).toString('hex')}`;
  const stack = await startDemoStack(directory, key, context, terminal);
  const stop = new AbortController();
  const stopped = lifetime.asked();
  void stopped.then(() => {
    stop.abort();
  });
  try {
    watchChildren(stack, terminal);
    process.exitCode = await runPipeline(stack, key, context, terminal, stop.signal);
    say(`\nResults and the log of the worker: ${directory}`);
    if (process.exitCode === exitCodes.succeeded)
      say(colors.green(`Done in ${formatDuration(Date.now() - startedAt)}.`));
    if (keep !== true) say('The links are gone with the server; `--keep` leaves it running to look at them.');
    if (keep === true && !stop.signal.aborted) {
      say('');
      sayHowToJoin(stack, terminal);
      say('\nEverything goes on until Ctrl-C.');
      say(`Stopping (${await stopped}).`);
    }
  } finally {
    await stack.close();
  }
}
