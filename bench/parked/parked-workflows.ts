import { proxyActivities, sleep } from '@temporalio/workflow';
import type { createParkedActivities } from './hand-written-worker.ts';

type ParkedActivities = ReturnType<typeof createParkedActivities>;

interface ParkedInput {
  assetId: string;
  intervalMs: number;
}

const { fetchStatus } = proxyActivities<ParkedActivities>({ startToCloseTimeout: '1m' });

/** The loop that everybody writes first: ask, sleep, ask again. */
export async function timerLoop({ assetId, intervalMs }: ParkedInput): Promise<string> {
  for (;;) {
    const status = await fetchStatus({ assetId });
    if (status === 'ready' || status === 'failed') return status;
    await sleep(intervalMs);
  }
}

/** One activity that fails until the job has ended, tried again by the server at a fixed interval. */
export async function retryRecipe({ assetId, intervalMs }: ParkedInput): Promise<void> {
  const { endedOrFail } = proxyActivities<ParkedActivities>({
    startToCloseTimeout: '1m',
    retry: { initialInterval: intervalMs, backoffCoefficient: 1 },
  });
  await endedOrFail({ assetId });
}
