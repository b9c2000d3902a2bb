import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { localConnection } from '../config/temporal-connection.ts';
import { searchAttributeKeys } from '../contract/search-attributes.ts';
import { findTemporalBinary, type FindTemporalBinaryOptions } from './temporal-binary.ts';
import { chooseTemporalPorts, type TemporalPorts } from './temporal-ports.ts';
import { startProgram, type Program } from './temporal-program.ts';
import { TemporalServerError } from './temporal-server-error.ts';

export { findTemporalBinary } from './temporal-binary.ts';
export { TemporalServerError } from './temporal-server-error.ts';

const startLimitMs = 30_000;
// A write-ahead log that is not flushed outlives the server's end, though not the machine's, and is several times as fast.
const filePragmas = ['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=off'];
const dynamicConfig = [
  // Fairness by credential; the new matcher is the default only from server 1.31 on.
  'matching.enableFairness=true',
  'matching.useNewMatcher=true',
  // Timers may fire this late; the default of a second would stretch every retry of a scaled clock.
  'history.timerProcessorMaxTimeShift="10ms"',
  // The three that the SDK's own test environment sets.
  'frontend.enableServerVersionCheck=false',
  'frontend.enableUpdateWorkflowExecution=true',
  'frontend.enableUpdateWorkflowExecutionAsyncAccepted=true',
];

/** A Temporal server to work with, ours or somebody else's. */
export interface TemporalServer {
  /** Host and port of the gRPC service. */
  address: string;
  namespace: string;
  /** Address of the Web UI; null when there is none or it is not known. */
  webUrl: string | null;
  /** Null for somebody else's server. */
  pid: number | null;
  /** Stops the server if it is ours; may be called more than once. */
  close(): Promise<void>;
}

/** How to get a Temporal server; free ports, a Web UI and no file are the defaults. */
export interface StartTemporalServerOptions extends FindTemporalBinaryOptions {
  /** The value of TEMPORAL_ADDRESS: with it that server is used and nothing is started. */
  temporalAddress?: string | undefined;
  namespace?: string | undefined;
  /** More namespaces to register, for tests that must not meet each other. */
  extraNamespaces?: string[] | undefined;
  port?: number | undefined;
  uiPort?: number | undefined;
  ui?: boolean | undefined;
  /** Address of the codec server that the Web UI decodes payloads through. */
  uiCodecEndpoint?: string | undefined;
  /** SQLite file that keeps workflows across restarts; in memory without one. */
  dbFilename?: string | undefined;
  /** Serves the server's own metrics at `/metrics` of this port. */
  metricsPort?: number | undefined;
}

/**
 * Gives the server at `temporalAddress`, else starts a dev server with our search attributes and fairness on,
 * and returns once its namespace answers.
 * @throws TemporalServerError when there is no binary, a wanted port is taken, or it is not up within 30 seconds.
 */
export async function startTemporalServer(options: StartTemporalServerOptions): Promise<TemporalServer> {
  const { temporalAddress, namespace = 'default', ui = true } = options;
  if (temporalAddress !== undefined && temporalAddress !== '') {
    return { address: temporalAddress, namespace, webUrl: null, pid: null, close: () => Promise.resolve() };
  }
  const ports = await chooseTemporalPorts({ port: options.port, uiPort: options.uiPort, ui });
  const binary = await findTemporalBinary(options);
  options.onProgress?.(`Starting the Temporal server ${binary.path} (found by ${binary.how}).`);
  const program = startProgram({
    path: binary.path,
    args: serverArguments(ports, [namespace, ...(options.extraNamespaces ?? [])], options),
    env: options.env,
    lastSignal: 'SIGKILL',
  });
  const address = `127.0.0.1:${String(ports.port)}`;
  try {
    await waitUntilServing(program, address, namespace);
  } catch (error) {
    await program.stop();
    throw error;
  }
  return {
    address,
    namespace,
    webUrl: ports.uiPort === null ? null : `http://127.0.0.1:${String(ports.uiPort)}`,
    pid: program.pid,
    close: () => program.stop(),
  };
}

function serverArguments(
  ports: TemporalPorts,
  namespaces: string[],
  { uiCodecEndpoint, dbFilename, metricsPort }: StartTemporalServerOptions,
): string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(ports.port)],
    ...namespaces.flatMap((namespace) => ['--namespace', namespace]),
    ...['--log-level', 'error'],
    ...(ports.uiPort === null ? ['--headless'] : ['--ui-port', String(ports.uiPort)]),
    ...(uiCodecEndpoint === undefined ? [] : ['--ui-codec-endpoint', uiCodecEndpoint]),
    ...(dbFilename === undefined ? [] : ['--db-filename', dbFilename, ...filePragmas]),
    ...(metricsPort === undefined ? [] : ['--metrics-port', String(metricsPort)]),
    ...dynamicConfig.flatMap((setting) => ['--dynamic-config-value', setting]),
    ...searchAttributeKeys.flatMap(({ name, type }) => [
      '--search-attribute',
      `${name}=${TypedSearchAttributes.toMetadataType(type)}`,
    ]),
  ];
}

async function waitUntilServing(program: Program, address: string, namespace: string): Promise<void> {
  const giveUp = AbortSignal.timeout(startLimitMs);
  let gone: string | undefined;
  void program.ended.then((fault) => {
    gone = fault ?? 'ended by itself';
  });
  while (!(await isServing(address, namespace))) {
    if (gone === undefined && !giveUp.aborted) {
      await delay(100);
      continue;
    }
    const reason = gone ?? `did not answer at ${address} within ${String(startLimitMs / 1_000)} s`;
    throw new TemporalServerError(`The Temporal server ${reason}. Its last words: ${program.stderrTail() || '(none)'}`);
  }
}

async function isServing(address: string, namespace: string): Promise<boolean> {
  try {
    const connection = await Connection.connect({ ...localConnection, address, connectTimeout: 1_000 });
    try {
      await connection.withDeadline(Date.now() + 2_000, () =>
        connection.workflowService.describeNamespace({ namespace }),
      );
      return true;
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}
