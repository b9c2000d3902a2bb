import type { Connection } from '@temporalio/client';
import type { Config, Environment } from '../../config/config.ts';
import { ConfigurationError } from '../../config/configuration-error.ts';
import { defaultTaskQueue } from '../../contract/task-queues.ts';
import { searchAttributeKeys } from '../../contract/search-attributes.ts';
import {
  addingCommands,
  findMissingSearchAttributes,
  SearchAttributesMissingError,
} from '../../worker/search-attribute-registration.ts';
import { allQueues, countPollers } from '../task-queue-pollers.ts';
import { openTemporal, reachTemporal } from '../temporal-session.ts';
import { checkDeployment } from './check-deployment.ts';
import { type Check, fail, failSettings, ok, reasonOf, warn } from './check.ts';

/** Whether Temporal's own settings can be read, it answers, knows our search attributes, and has workers on every queue. */
export async function checkTemporal(config: Config | null, environment: Environment): Promise<Check[]> {
  try {
    return await checkServer(openTemporal(environment), config);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return failSettings(error);
  }
}

async function checkServer(
  { connection, namespace, address }: ReturnType<typeof openTemporal>,
  config: Config | null,
): Promise<Check[]> {
  const name = 'Temporal';
  try {
    await reachTemporal(connection, address, namespace);
  } catch (error) {
    await connection.close();
    const [detail = '', remedy = ''] = error instanceof Error ? error.message.split('\n') : [String(error)];
    return [fail(name, detail, remedy)];
  }
  const version = config?.deploymentVersion;
  try {
    const { serverVersion } = await connection.workflowService.getSystemInfo({});
    return [
      ok(name, `server ${serverVersion} at ${address}, namespace ${namespace}`),
      await checkSearchAttributes(connection, namespace, config),
      checkFairness(),
      ...(await checkWorkers(connection, namespace, config?.taskQueue ?? defaultTaskQueue)),
      ...(version === undefined ? [] : [await checkDeployment(connection, namespace, version)]),
    ];
  } catch (error) {
    return [fail(name, `the server at ${address} answers, but: ${reasonOf(error)}`, 'Look at the log of the server.')];
  } finally {
    await connection.close();
  }
}

async function checkSearchAttributes(connection: Connection, namespace: string, config: Config | null): Promise<Check> {
  const name = 'Search attributes';
  const names = searchAttributeKeys.map((key) => key.name);
  try {
    const missing = await findMissingSearchAttributes(connection, namespace);
    if (missing.length === 0) return ok(name, names.join(', '));
    const isAdded = config?.searchAttributes !== 'assume';
    const remedy = isAdded
      ? 'A worker adds them at its start where the server allows it; else'
      : 'No job starts without them';
    return warn(name, `missing: ${missing.join(', ')}`, `${remedy}:\n${addingCommands(namespace, missing)}`);
  } catch (error) {
    if (error instanceof SearchAttributesMissingError)
      return fail(name, error.message, 'No job gets through until then.');
    return warn(
      name,
      `cannot be listed: ${reasonOf(error)}`,
      `Give the namespace what it lacks of them, and workers PROVIDER_JOBS_SEARCH_ATTRIBUTES=assume:\n${addingCommands(namespace, names)}`,
    );
  }
}

// No call of the public API tells whether fairness is on (looked for on server 1.29.1).
function checkFairness(): Check {
  return ok(
    'Fairness',
    'not told by servers; with several credentials set matching.enableFairness=true and, before 1.31, ' +
      'matching.useNewMatcher=true (`dev` and both compose files do)',
  );
}

async function checkWorkers(connection: Connection, namespace: string, stem: string): Promise<Check[]> {
  const queues = allQueues(stem);
  const counts = await Promise.all(queues.map((queue) => countPollers(connection, namespace, queue)));
  const idle = new Set(queues.filter((_, index) => counts[index] === 0).map(({ taskQueue }) => taskQueue));
  const served = new Set(queues.map(({ taskQueue }) => taskQueue).filter((taskQueue) => !idle.has(taskQueue)));
  const remedy = 'Start one with `provider-jobs worker`; a provider without a key is off.';
  return [
    ...(served.size === 0 ? [] : [ok('Workers', `poll ${[...served].join(', ')}`)]),
    ...(idle.size === 0 ? [] : [warn('Workers', `nobody polls ${[...idle].join(', ')}`, remedy)]),
  ];
}
