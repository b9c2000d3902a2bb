/** Where the provider's jobs are, as a worker of any contender is told it. */
export interface StatusTarget {
  baseUrl: string;
  key: string;
}

/** Asks the provider once how an asset stands. */
export async function askStatus({ baseUrl, key }: StatusTarget, assetId: string): Promise<string> {
  const answer = await fetch(`${baseUrl}/assets/${assetId}`, { headers: { 'x-api-key': key } });
  if (!answer.ok) throw new Error(`the provider answered ${String(answer.status)}`);
  return ((await answer.json()) as { status: string }).status;
}

/** Whether there is nothing more to ask. */
export function hasEnded(status: string): boolean {
  return status === 'ready' || status === 'failed';
}

/** What every worker is started with, beside what its kind needs. */
export interface WorkerSettings extends StatusTarget {
  intervalMs: number;
}

/** In a worker: what it was started with. */
export function workerSettings(): unknown {
  return JSON.parse(process.env['PARKED_WORKER'] ?? '{}');
}
