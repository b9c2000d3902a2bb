import { taskQueueStem } from '../config/task-queue-stem.ts';
import { defaultTaskQueue } from '../contract/task-queues.ts';
import { InvalidInputError } from './invalid-input-error.ts';

/** The task queue that was given, or the usual one; throws an `InvalidInputError` for what is no stem of task queues. */
export function checkTaskQueue(given: string | undefined): string {
  const parsed = taskQueueStem.safeParse(given ?? defaultTaskQueue);
  if (parsed.success) return parsed.data;
  const problem = parsed.error.issues[0]?.message ?? 'not valid';
  throw new InvalidInputError([{ field: 'taskQueue', problem }]);
}
