import type { NativeConnection, Worker } from '@temporalio/worker';
import type { Readiness } from './health-server.ts';

const checkEveryMs = 2000;
// A lost connection is noticed by silence: a call to a server that is gone may take longer than its deadline.
const silentForMs = 6000;

/** Watches the connection and the workers; `stop` ends the watching. */
export interface ReadinessWatch {
  read: () => Readiness;
  stop: () => void;
}

/** Asks Temporal every two seconds, and at each question whether every worker polls. */
export function watchReadiness(
  connection: NativeConnection,
  namespace: string,
  workers: ReadonlyMap<string, Worker>,
): ReadinessWatch {
  let answeredAtMs = -Infinity;
  const check = async () => {
    try {
      await connection.withDeadline(Date.now() + checkEveryMs, () =>
        connection.workflowService.describeNamespace({ namespace }),
      );
      answeredAtMs = performance.now();
    } catch {
      // The silence speaks for itself.
    }
  };
  void check();
  const timer = setInterval(() => void check(), checkEveryMs);
  return {
    read() {
      const silent = performance.now() - answeredAtMs > silentForMs;
      const reasons = silent ? ['Temporal does not answer'] : [];
      for (const [taskQueue, worker] of workers) {
        const state = worker.getState();
        if (state !== 'RUNNING') reasons.push(`the worker of ${taskQueue} is ${state}`);
      }
      return { ready: reasons.length === 0, reasons };
    },
    stop: () => {
      clearInterval(timer);
    },
  };
}
