import { Client, Connection } from '@temporalio/client';
import { ProviderJobs } from '../client.ts';
import { type Config, readConfig } from '../config/config.ts';
import { createDataConverter } from '../encryption/data-converter.ts';
import { readEncryptionKeys } from '../encryption/read-encryption-keys.ts';
import { readTemporalSettings } from '../config/temporal-connection.ts';
import { allAtOnce } from './all-at-once.ts';
import type { CommandContext } from './command-context.ts';
import { UsageError } from './usage-error.ts';
import { webUiOf } from './web-ui.ts';

const answerWithinMs = 4000;

/** A connection to Temporal and what a command does with it. */
export interface TemporalSession {
  config: Config;
  client: Client;
  connection: Connection;
  jobs: ProviderJobs;
  /** Address of the Web UI; null where it is not known. */
  webUrl: string | null;
  namespace: string;
}

/**
 * Makes sure that Temporal answers; nothing is ever started.
 * @throws UsageError where nothing answers within four seconds, or the namespace does not exist.
 */
export async function reachTemporal(connection: Connection, address: string, namespace: string): Promise<void> {
  const within = <T>(call: () => Promise<T>) => connection.withDeadline(Date.now() + answerWithinMs, call);
  try {
    await within(() => connection.ensureConnected());
  } catch (error) {
    throw new UsageError(
      `No Temporal server answers at ${address} (${reasonOf(error)}).\n` +
        'Start one for development with `provider-jobs dev`, or set TEMPORAL_ADDRESS to a running one.',
    );
  }
  try {
    await within(() => connection.workflowService.describeNamespace({ namespace }));
  } catch (error) {
    throw new UsageError(
      `The Temporal server at ${address} does not give access to the namespace ${namespace} (${reasonOf(error)}).\n` +
        'Set TEMPORAL_NAMESPACE, and what the server demands to let you in.',
    );
  }
}

/** A connection by Temporal's own settings; it connects when it is first used. */
export function openTemporal(environment: CommandContext['environment']): {
  connection: Connection;
  namespace: string;
  address: string;
} {
  const { connectionOptions, namespace, address } = readTemporalSettings(environment);
  const connection = Connection.lazy({ ...connectionOptions, address, connectTimeout: answerWithinMs });
  return { connection, namespace, address };
}

/** Opens the connection; what is wrong with the other settings is told along with what is wrong with its own. */
function openOrTell(environment: CommandContext['environment']) {
  try {
    return openTemporal(environment);
  } catch (error) {
    allAtOnce(
      () => {
        throw error;
      },
      () => readConfig(environment),
    );
    throw error;
  }
}

/**
 * Runs a command's work over a connection that is closed afterwards.
 * @throws UsageError with every fault of the settings and of the checks, before Temporal is asked.
 */
export async function withTemporal<T>(
  { environment }: CommandContext,
  work: (session: TemporalSession) => Promise<T>,
  checks: readonly ((client: Client) => unknown)[] = [],
): Promise<T> {
  const { connection, namespace, address } = openOrTell(environment);
  try {
    // What is wrong with the keys is told by `readConfig`, together with all the rest.
    const encryptionKeys = readEncryptionKeys(environment, () => undefined);
    const client = new Client({ connection, namespace, dataConverter: createDataConverter(encryptionKeys) });
    const [config] = allAtOnce(() => readConfig(environment), ...checks.map((check) => () => check(client)));
    await reachTemporal(connection, address, namespace);
    const webUrl = webUiOf(address, config.webUrl);
    const jobs = new ProviderJobs(client, { webUrl: webUrl ?? undefined, taskQueue: config.taskQueue });
    return await work({ config, client, connection, jobs, webUrl, namespace });
  } finally {
    await connection.close();
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const details = 'details' in error && typeof error.details === 'string' ? error.details : '';
  return (details === '' ? error.message : details).split('\n')[0] ?? '';
}
