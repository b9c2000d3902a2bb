import type { WeatherPlan } from '../../src/simulator/index.ts';

/** What an upload is measured under. */
export interface UploadCondition {
  sizeBytes: number;
  /** What is added to every request. */
  latencyMs: number;
  /** The share of part requests that storage answers with 503 once it has the bytes. */
  failingShare: number;
}

/** A size as people write it. */
export function formatSize(bytes: number): string {
  const mebibytes = bytes / 1024 ** 2;
  return mebibytes < 1024 ? `${String(Math.round(mebibytes))} MiB` : `${String(mebibytes / 1024)} GiB`;
}

/** A condition in the words of a figure. */
export function underOf({ sizeBytes, latencyMs, failingShare }: UploadCondition): Record<string, string> {
  return { size: formatSize(sizeBytes), network: formatNetwork({ latencyMs, failingShare }) };
}

function formatNetwork({ latencyMs, failingShare }: Omit<UploadCondition, 'sizeBytes'>): string {
  const failing = failingShare === 0 ? '' : `, ${String(failingShare * 100)} % of the parts fail`;
  return `${String(latencyMs)} ms a request${failing}`;
}

/** The condition as the simulator's weather. */
export function weatherOf({ latencyMs, failingShare }: UploadCondition, seed: number): WeatherPlan {
  return {
    seed,
    rates: [
      { kind: 'status', operation: 'twelvelabs.part-put', status: 503, rate: failingShare },
      // The rates of one call add up; a call is struck by one of them at most.
      { kind: 'delay', operation: 'twelvelabs.part-put', delayMs: latencyMs, rate: latencyMs > 0 ? 1 : 0 },
      { kind: 'delay', operation: '*', delayMs: latencyMs, rate: latencyMs > 0 ? 1 : 0 },
    ],
  };
}
