import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { findFreePort } from '../src/dev/free-port.ts';
import { type ProgramChild, startProgramChild } from '../src/dev/program-child.ts';
import { allRoles, makeUpKeys, playedProviders, simulatorBaseUrls } from '../src/dev/simulated-environment.ts';
import { startTemporalServer, type TemporalServer } from '../src/dev/temporal-server.ts';
import { SimulatorAdmin } from '../src/simulator/index.ts';
import type { BenchContext } from './benchmark.ts';

/** A Temporal server and a simulator, each a process of its own, for workers that are processes, too. */
export interface Stack {
  temporal: TemporalServer;
  connection: Connection;
  clientOf: (namespace: string) => Client;
  /** The one that knows when each job really ended and who asked when. */
  simulator: SimulatorAdmin;
  simulatorUrl: string;
  /** The variables that a worker of ours reads. */
  environmentOf: (namespace: string) => Record<string, string>;
  /** Starts `provider-jobs worker` in a namespace and resolves once it polls. */
  startOurWorker: (namespace: string, environment?: Record<string, string>) => Promise<ProgramChild>;
  /** Starts another program of this folder, which says when it is ready as ours does. */
  startProgram: (file: URL, argument: string) => Promise<ProgramChild>;
  /** What the server itself counted as Actions in a namespace so far, by their kind. */
  actionsOf: (namespace: string) => Promise<Record<string, number>>;
  serverVersion: () => Promise<string>;
  close: () => Promise<void>;
}

const mainFile = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));

/** What a child needs of this process's environment; nothing of it may be a key or a setting of somebody's own. */
const plainEnvironment = () =>
  Object.fromEntries(
    ['PATH', 'HOME', 'TMPDIR'].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  ) as Record<string, string>;

/** Starts the server with these namespaces and the simulator; with a file for its database, as servers have. */
export async function startStack(
  { folder, say }: BenchContext,
  { namespaces, timeScale }: { namespaces: readonly string[]; timeScale: number },
): Promise<Stack> {
  const started: { close: () => Promise<void> }[] = [];
  const close = async () => {
    for (const each of started.splice(0).reverse()) await each.close();
  };
  const start = async (name: string, file: string, args: string[], env: Record<string, string>) => {
    const onLine = () => undefined;
    const child = await startProgramChild({
      name,
      mainFile: file,
      args,
      env: { ...plainEnvironment(), ...env },
      onLine,
    });
    started.push({ close: () => child.stop(3000) });
    return child;
  };
  try {
    const metricsPort = await findFreePort();
    const temporal = await startTemporalServer({
      env: process.env,
      temporalCliPath: process.env['TEMPORAL_CLI_PATH'],
      ui: false,
      extraNamespaces: [...namespaces],
      dbFilename: join(folder, 'temporal.db'),
      metricsPort,
      onProgress: say,
    });
    started.push(temporal);
    const simulatorPort = await findFreePort();
    const simulatorUrl = `http://127.0.0.1:${String(simulatorPort)}`;
    const keys = makeUpKeys(playedProviders);
    const scale = { PROVIDER_JOBS_TIME_SCALE: String(timeScale) };
    await start('simulator', mainFile, ['simulator', '--child', '--port', String(simulatorPort)], {
      ...keys,
      ...scale,
    });
    const connection = await Connection.connect({ address: temporal.address });
    started.push(connection);
    const environmentOf = (namespace: string) => ({
      ...allRoles,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: namespace,
      ...simulatorBaseUrls(simulatorUrl, playedProviders),
      ...keys,
      ...scale,
      PROVIDER_JOBS_RESULTS: join(folder, 'results'),
      PROVIDER_JOBS_LOG_LEVEL: 'error',
      PROVIDER_JOBS_SHUTDOWN_GRACE: '1s',
    });
    return {
      temporal,
      connection,
      clientOf: (namespace) => new Client({ connection, namespace }),
      simulator: new SimulatorAdmin(simulatorUrl),
      simulatorUrl,
      environmentOf,
      startOurWorker: (namespace, environment = {}) =>
        start('worker', mainFile, ['worker', '--child'], { ...environmentOf(namespace), ...environment }),
      startProgram: (file, argument) => start(argument, fileURLToPath(file), [argument], {}),
      actionsOf: (namespace) => readActions(`http://127.0.0.1:${String(metricsPort)}/metrics`, namespace),
      serverVersion: async () => (await connection.workflowService.getSystemInfo({})).serverVersion,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Sums the server's counter `action` by kind; heartbeats, signals and starts are kinds named after their calls. */
async function readActions(url: string, namespace: string): Promise<Record<string, number>> {
  const text = await (await fetch(url)).text();
  // The exporter's own way with names.
  const label = namespace.replace(/\W/g, '_');
  const sums: Record<string, number> = {};
  for (const line of text.split('\n')) {
    const [, labels = '', value] = /^action\{(.*)\} (\S+)$/.exec(line) ?? [];
    if (!labels.includes(`namespace="${label}"`)) continue;
    const kind = /action_type="([^"]*)"/.exec(labels)?.[1] ?? 'unknown';
    sums[kind] = (sums[kind] ?? 0) + Number(value);
  }
  return sums;
}
