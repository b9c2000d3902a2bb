import { heartbeat, sleep } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { HeartbeatLoopInput } from './inputs.ts';

export type WaitActivities = ReturnType<typeof createWaitActivities>;

/** The activities of the three workflows; they ask Tiro at this address with this key. */
export function createWaitActivities({ baseUrl, key }: { baseUrl: string; key: string }) {
  async function hasEnded(jobId: string): Promise<boolean> {
    const headers = { authorization: `Bearer ${key}` };
    const response = await fetch(`${baseUrl}/v1/external/voice-file/jobs/${jobId}`, { headers });
    if (!response.ok) throw new Error(`Tiro answered ${String(response.status)}`);
    const { status } = (await response.json()) as { status: string };
    return status === 'COMPLETED' || status === 'FAILED';
  }
  return {
    hasEnded,
    async pollUntilEnded({ jobId, intervalMs }: Omit<HeartbeatLoopInput, 'heartbeatTimeoutMs'>): Promise<void> {
      while (!(await hasEnded(jobId))) {
        heartbeat();
        await sleep(intervalMs);
      }
    },
    async endedOrFail(jobId: string): Promise<void> {
      if (await hasEnded(jobId)) return;
      throw ApplicationFailure.create({ message: 'The job has not ended', type: 'NotEnded', category: 'BENIGN' });
    },
  };
}
