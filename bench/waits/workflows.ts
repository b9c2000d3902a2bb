// Three usual ways to wait for a job in a workflow, written as their guides show them.
import { proxyActivities, sleep } from '@temporalio/workflow';
import type { WaitActivities } from './activities.ts';
import type { HeartbeatLoopInput, RecipeInput, TimerLoopInput } from './inputs.ts';

/** Asks, sleeps in the workflow, and asks again. */
export async function timerLoop({ jobId, firstMs, intervalMs }: TimerLoopInput): Promise<void> {
  const { hasEnded } = proxyActivities<WaitActivities>({ startToCloseTimeout: '30 seconds' });
  if (firstMs > 0) await sleep(firstMs);
  while (!(await hasEnded(jobId))) await sleep(intervalMs);
}

/** One activity that loops, and says by its heartbeat that it lives. */
export async function heartbeatLoop({ heartbeatTimeoutMs, ...input }: HeartbeatLoopInput): Promise<void> {
  const { pollUntilEnded } = proxyActivities<WaitActivities>({
    startToCloseTimeout: '12 hours',
    heartbeatTimeout: heartbeatTimeoutMs,
  });
  await pollUntilEnded(input);
}

/** One activity that fails until the job has ended, tried again by the server at a fixed interval. */
export async function retryRecipe({ jobId, intervalMs }: RecipeInput): Promise<void> {
  const { endedOrFail } = proxyActivities<WaitActivities>({
    startToCloseTimeout: '30 seconds',
    retry: { initialInterval: intervalMs, backoffCoefficient: 1 },
  });
  await endedOrFail(jobId);
}
