import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import type { Activities, AllActivities } from '../activities/create-activities.ts';
import type { Config, Role } from '../config/config.ts';
import { findRate } from '../config/rates.ts';
import { createDataConverter } from '../encryption/data-converter.ts';
import { steadyPerMs } from '../providers/rate-limit.ts';
import type { ProviderName } from '../providers/registry.ts';
import { callsTaskQueue, collectsTaskQueue, transfersTaskQueue } from '../contract/task-queues.ts';
import { findWorkflowCode, type WorkflowCode } from './workflow-bundle.ts';

/**
 * The rates of every key that is known together, kept by the server for all workers of the queue; none where keys come
 * from elsewhere, since nobody knows how many there are.
 */
function dispatchRate(
  name: ProviderName,
  { credentials, keysElsewhere, rates, timeScale }: Config,
): Pick<WorkerOptions, 'maxTaskQueueActivitiesPerSecond'> {
  if (keysElsewhere) return {};
  const aliases = credentials[name].size > 0 ? [...credentials[name].keys()] : ['default'];
  let perSecond = 0;
  for (const alias of aliases) {
    const rate = findRate(rates, name, alias);
    if (rate === undefined) return {};
    // As fast as the requests really go, and not faster: what waits for its turn holds a slot.
    perSecond += steadyPerMs(rate) * 1000 * timeScale;
  }
  return { maxTaskQueueActivitiesPerSecond: perSecond };
}

// A job that waits needs none of the cache, and memory must not grow with how many wait: a cached workflow takes a third of
// a MiB. Enough for those that two cores have under way; with fewer than that, work is done twice.
const cachedWorkflows = 100;

/** The name of `ProviderJobsPlugin`. */
export const ownPluginName = 'ProviderJobsPlugin';

interface Surroundings {
  config: Config;
  connection: NativeConnection;
  workflowCode?: WorkflowCode;
  workerOptions?: Partial<WorkerOptions>;
}

/** Whether something is to be bundled with our workflow code, as tracing is: a bundle that is made already has it not. */
function extendsWorkflows({ connection, workerOptions = {}, config }: Surroundings): boolean {
  const { plugins = [], interceptors, dataConverter } = workerOptions;
  // Our own adds only the failure converter, which one of the bundles has.
  const others = [...plugins, ...connection.plugins].filter(({ name }) => name !== ownPluginName);
  if (others.length + (interceptors?.workflowModules ?? []).length > 0) return true;
  if (dataConverter === undefined) return false;
  const { failureConverterPath } = createDataConverter(config.encryptionKeys);
  return (
    dataConverter.payloadConverterPath !== undefined || dataConverter.failureConverterPath !== failureConverterPath
  );
}

type ServedQueue = Omit<Partial<WorkerOptions>, 'activities'> & { taskQueue: string; activities: Activities };

/** What a worker of one role serves: its task queues, and for each what runs there and how much of it at once. */
export function roleOptions(role: Role, activities: AllActivities, surroundings: Surroundings): ServedQueue[] {
  const { config, workflowCode } = surroundings;
  if (role === 'workflows') {
    const encodesFailures = config.encryptionKeys.length > 0;
    const isExtended = extendsWorkflows(surroundings);
    return [
      {
        taskQueue: config.taskQueue,
        activities: activities.main,
        maxConcurrentActivityTaskExecutions: 20,
        maxCachedWorkflows: cachedWorkflows,
        ...(workflowCode ?? findWorkflowCode({ encodesFailures, isExtended })),
      },
    ];
  }
  if (role.endsWith('-transfer')) {
    const name = role.slice(0, -'-transfer'.length) as ProviderName;
    // Jobs that version 0.1 began collect with the uploads.
    return [transfersTaskQueue, collectsTaskQueue].map((queueOf) => ({
      taskQueue: queueOf(config.taskQueue, name),
      activities: activities.providers[name].transfers,
      maxConcurrentActivityTaskExecutions: config.transfersPerProvider,
    }));
  }
  const name = role as ProviderName;
  return [
    {
      taskQueue: callsTaskQueue(config.taskQueue, name),
      activities: activities.providers[name].calls,
      maxConcurrentActivityTaskExecutions: 100,
      ...dispatchRate(name, config),
    },
  ];
}
