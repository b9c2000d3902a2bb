import { proxyActivities, sleep } from '@temporalio/workflow';
import type { createTimerLoopActivities } from './timer-loop-worker.ts';

const { fetchStatus } = proxyActivities<ReturnType<typeof createTimerLoopActivities>>({ startToCloseTimeout: '1m' });

/** The loop that everybody writes first: ask, sleep, ask again. */
export async function timerLoop({ assetId, intervalMs }: { assetId: string; intervalMs: number }): Promise<string> {
  for (;;) {
    const status = await fetchStatus({ assetId });
    if (status === 'ready' || status === 'failed') return status;
    await sleep(intervalMs);
  }
}
