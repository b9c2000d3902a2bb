/** Milliseconds are real ones: whoever starts them divides by the time scale. */
export interface TimerLoopInput {
  jobId: string;
  /** Before the first question. */
  firstMs: number;
  intervalMs: number;
}

export interface HeartbeatLoopInput {
  jobId: string;
  intervalMs: number;
  heartbeatTimeoutMs: number;
}

export interface RecipeInput {
  jobId: string;
  intervalMs: number;
}

/** The one argument of the worker, as JSON. */
export interface WaitWorkerOptions {
  address: string;
  namespaces: string[];
  baseUrl: string;
  key: string;
}

/** The task queue in each namespace. */
export const waitTaskQueue = 'waits';
