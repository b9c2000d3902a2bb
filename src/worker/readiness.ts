import type { NativeConnection, Worker } from '@temporalio/worker';
import type { Readiness } from './health-server.ts';

const checkEveryMs = 3000;
const answerWithinMs = 3000;

/** Watches the connection and the workers; `stop` ends the watching. */
export interface ReadinessWatch {
  read: () => Readiness;
  stop: () => void;
}

/** Looks every three seconds whether Temporal answers, and at each question whether every worker polls. */
export function watchReadiness(
  connection: NativeConnection,
  namespace: string,
  workers: ReadonlyMap<string, Worker>,
): ReadinessWatch {
  let reachable = false;
  const check = async () => {
    try {
      await connection.withDeadline(Date.now() + answerWithinMs, () =>
        connection.workflowService.describeNamespace({ namespace }),
      );
      reachable = true;
    } catch {
      reachable = false;
    }
  };
  void check();
  const timer = setInterval(() => void check(), checkEveryMs);
  return {
    read() {
      const reasons = reachable ? [] : ['Temporal does not answer'];
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
