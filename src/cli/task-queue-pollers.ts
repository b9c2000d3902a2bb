import type { Connection } from '@temporalio/client';
import { providerNames, type ProviderName } from '../providers/registry.ts';
import { callsTaskQueue, collectsTaskQueue, transfersTaskQueue } from '../contract/task-queues.ts';
import type { TemporalSession } from './temporal-session.ts';
import type { Terminal } from './terminal.ts';

// `TaskQueueType` of the API.
const taskQueueTypes = { workflows: 1, activities: 2 } as const;
// The server remembers a poller for five minutes; a live one has asked within its long poll of one minute.
const liveWithinMs = 90_000;

/** A task queue and what is polled on it. */
export interface ServedQueue {
  taskQueue: string;
  kind: 'workflows' | 'activities';
}

/** Every queue that some worker must poll: the stem for both kinds, and three for each provider. */
export function allQueues(stem: string, providers: readonly ProviderName[] = providerNames): ServedQueue[] {
  return [
    { taskQueue: stem, kind: 'workflows' },
    { taskQueue: stem, kind: 'activities' },
    ...providers.flatMap((name) => [
      { taskQueue: callsTaskQueue(stem, name), kind: 'activities' as const },
      { taskQueue: transfersTaskQueue(stem, name), kind: 'activities' as const },
      { taskQueue: collectsTaskQueue(stem, name), kind: 'activities' as const },
    ]),
  ];
}

/** How many workers have asked a queue for work in the last 90 seconds. */
export async function countPollers(connection: Connection, namespace: string, queue: ServedQueue): Promise<number> {
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: queue.taskQueue },
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the SDK does not export the enum
    taskQueueType: taskQueueTypes[queue.kind],
  });
  const since = Date.now() - liveWithinMs;
  return pollers.filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 >= since).length;
}

/** Says which of the queues that a job needs nobody serves, and how to start a worker; a track transfers nothing. */
export async function warnWithoutWorker(
  { connection, namespace, config }: Pick<TemporalSession, 'connection' | 'namespace' | 'config'>,
  providers: readonly ProviderName[],
  terminal: Terminal,
  transfers = true,
): Promise<void> {
  const stem = config.taskQueue;
  const unneeded = transfers
    ? []
    : providers.flatMap((name) => [transfersTaskQueue(stem, name), collectsTaskQueue(stem, name)]);
  const queues = allQueues(stem, providers).filter(({ taskQueue }) => !unneeded.includes(taskQueue));
  const counts = await Promise.all(queues.map((queue) => countPollers(connection, namespace, queue)));
  const idle = [...new Set(queues.filter((_, index) => counts[index] === 0).map(({ taskQueue }) => taskQueue))];
  if (idle.length === 0) return;
  terminal.warn(
    terminal.colors.yellow(
      `No worker polls ${idle.join(', ')}: the job waits until one does. Start it with \`provider-jobs worker\`` +
        ' (a provider without a key is off; `provider-jobs doctor` says which).',
    ),
  );
}
