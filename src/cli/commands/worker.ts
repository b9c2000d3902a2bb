import { NativeConnection } from '@temporalio/worker';
import { type Command, Option } from 'commander';
import { type Config, readConfig } from '../../config/config.ts';
import { keyVariable } from '../../config/credentials.ts';
import { formatDuration } from '../../polling/duration.ts';
import { providers } from '../../providers/registry.ts';
import { readTemporalSettings } from '../../config/temporal-connection.ts';
import { startWorker } from '../../worker.ts';
import { reportReady, stoppable } from '../child-process.ts';
import { childFlag, type CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { openTemporal, reachTemporal } from '../temporal-session.ts';
import { createTerminal, type Terminal } from '../terminal.ts';
import { watchWorkerFaults, WorkerFaultError } from '../worker-faults.ts';
import { createWorkerLog, installRuntime } from '../worker-log.ts';

const forcedAfterMs = 30_000;

/** Adds `worker`: runs workflows and activities until it is asked to stop. */
export function addWorkerCommand(program: Command, context: CommandContext): void {
  program
    .command('worker')
    .summary('run workflows and activities')
    .description(
      'Runs the workflows and activities of its roles. SIGTERM or Ctrl-C drains it within PROVIDER_JOBS_SHUTDOWN_GRACE;\n' +
        'a second one ends it at once. An error that nobody caught drains it too; it then ends with 70. ' +
        'Roles: workflows, <provider> (short calls), <provider>-transfer (uploads, results).\n' +
        'With PROVIDER_JOBS_METRICS=0.0.0.0:9464 it serves metrics for Prometheus, with the address of an OpenTelemetry\n' +
        'collector it sends them there: docs/observability.md.',
    )
    .option('--roles <list>', 'all, or a comma-separated list of roles (default: PROVIDER_JOBS_ROLES, else all)')
    .addOption(new Option(childFlag).hideHelp())
    .addHelpText('after', '\nExample:\n  $ provider-jobs worker --roles workflows,tiro,tiro-transfer')
    .action((options: { roles?: string }) => runWorker(options, context));
}

async function runWorker({ roles }: { roles?: string }, { environment }: CommandContext): Promise<void> {
  const lifetime = stoppable();
  const terminal = createTerminal();
  const config = readConfig(roles === undefined ? environment : { ...environment, PROVIDER_JOBS_ROLES: roles });
  const log = createWorkerLog(config.logLevel);
  installRuntime(log, config.metrics);
  const faults = watchWorkerFaults(log, keysIn(config));
  // The client's connection says within seconds, and in plain words, what is wrong.
  const { connection: probe, address, namespace } = openTemporal(environment);
  await reachTemporal(probe, address, namespace).finally(() => probe.close());
  const { connectionOptions } = readTemporalSettings(environment);
  const connection = await NativeConnection.connect({ ...connectionOptions, address });
  try {
    const fault = faults.first.then((words) => Promise.reject(new WorkerFaultError(words)));
    const worker = await Promise.race([startWorker({ config, connection, namespace }), fault]);
    announce(config, { address, namespace, ...worker }, terminal);
    reportReady({ ready: true });
    const stop = (reason: string) => {
      terminal.say(`Stopping (${reason}): draining for up to ${formatDuration(config.shutdownGraceMs)}.`);
      return worker.stop(reason);
    };
    const drained = faults.first.then((words) => {
      // An activity that ends by nothing is not to keep a worker that has given up.
      setTimeout(() => process.exit(exitCodes.workerFault), config.shutdownGraceMs + forcedAfterMs).unref();
      return stop(words);
    });
    await Promise.race([lifetime.asked().then(stop), worker.finished, drained]);
    if (faults.count() > 0) await fault;
  } finally {
    // Refused where the workers were not all made; this process ends now.
    await connection.close().catch(() => undefined);
  }
}

function keysIn({ credentials }: Config): string[] {
  const sources = Object.values(credentials).flatMap((keys) => [...keys.values()]);
  return sources.flatMap((source) => (source.kind === 'value' ? [source.value] : []));
}

function announce(
  config: Config,
  worker: { address: string; namespace: string; taskQueues: string[]; healthPort: number | null },
  terminal: Terminal,
): void {
  const { colors, say, warn } = terminal;
  say(`The worker is at work for ${worker.address}, namespace ${worker.namespace} (pid ${String(process.pid)}).`);
  say(`Roles: ${config.roles.join(', ')}`);
  say(`Task queues: ${worker.taskQueues.join(', ')}`);
  for (const name of config.keyless) {
    say(`${providers[name].title}: no key (${keyVariable(name, 'default')}), its roles are off.`);
  }
  const [first, ...older] = config.encryptionKeys.map(({ id }) => id);
  if (first !== undefined) {
    say(`Encryption: on, with the key ${first}${older.length === 0 ? '' : `; it also reads ${older.join(', ')}`}`);
  }
  if (config.metrics?.kind === 'prometheus') say(`Metrics: http://${config.metrics.bindAddress}/metrics`);
  if (config.metrics?.kind === 'otlp') say(`Metrics: sent to ${config.metrics.url}`);
  if (worker.healthPort !== null) say(`Health: http://127.0.0.1:${String(worker.healthPort)}/readyz`);
  if (config.timeScale !== 1) {
    const scale = String(config.timeScale);
    warn(
      colors.yellow(`PROVIDER_JOBS_TIME_SCALE is ${scale}: it asks providers ${scale} times as often as it should.`),
    );
    warn(colors.yellow('That is for the simulator only.'));
  }
}
