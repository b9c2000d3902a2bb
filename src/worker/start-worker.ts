import { Worker, type WorkerOptions } from '@temporalio/worker';
import { startHealthServer } from './health-server.ts';
import { prepareWorkers, type StartWorkerOptions } from './prepare-workers.ts';
import { type ReadinessWatch, watchReadiness } from './readiness.ts';
import { type RunningWorkers, runTogether } from './run-together.ts';

/** The workers of one process. */
export interface RunningWorker {
  taskQueues: string[];
  /** Of `/healthz` and `/readyz`; `null` where PROVIDER_JOBS_HEALTH_PORT is not set, and nothing listens. */
  healthPort: number | null;
  /**
   * Drains: no new work, what runs may end within the grace; resolves when everything has stopped. Until then `/readyz`
   * answers with the reason.
   */
  stop(reason?: string): Promise<void>;
  /** Resolves after `stop`, rejects when a worker dies or does not end within 30 seconds past the grace. */
  finished: Promise<void>;
}

async function createWorkers(wanted: WorkerOptions[]): Promise<Map<string, Worker>> {
  const workers = new Map<string, Worker>();
  for (const options of wanted) {
    const worker = await Worker.create(options);
    workers.set(worker.options.taskQueue, worker);
  }
  return workers;
}

/**
 * Starts the workers of the configured roles, and their health endpoints where a port is set.
 * @throws SearchAttributesMissingError where the server lacks them and does not let us add them.
 * @throws ConfigurationError where results are to go to S3 and AWS's packages are not installed.
 * @throws TypeError for an opener of what is no scheme, or of one that is not to be replaced; without `resolveCredential`
 * where the configuration was read with `keysElsewhere`.
 */
export async function startWorker(options: StartWorkerOptions): Promise<RunningWorker> {
  const { config, connection, namespace } = options;
  const prepared = await prepareWorkers(options);
  let watch: ReadinessWatch | null = null;
  let running: RunningWorkers | null = null;
  const stopReasons: string[] = [];
  const readiness = () => {
    const { reasons } = watch?.read() ?? { reasons: ['the workers are being made'] };
    return { ready: reasons.length + stopReasons.length === 0, reasons: [...stopReasons, ...reasons] };
  };
  // Before the workers, which hold on to the connection: a port that is taken leaves nothing behind.
  const lives = () => running?.hasFailed() !== true;
  const startHealth = async () =>
    config.healthPort === undefined ? null : startHealthServer(config.healthPort, readiness, lives);
  const health = await startHealth().catch(async (error: unknown) => {
    await prepared.close();
    throw error;
  });
  const closeAll = async () => {
    watch?.stop();
    await health?.close();
    await prepared.close();
  };
  const workers = await createWorkers(prepared.workers).catch(async (error: unknown) => {
    await closeAll();
    throw error;
  });
  watch = watchReadiness(connection, namespace, workers);
  running = runTogether(workers);
  // What they work with is closed after the last of them has stopped.
  const finished = running.finished.finally(closeAll);
  return {
    taskQueues: [...workers.keys()],
    healthPort: health?.port ?? null,
    finished,
    stop: async (reason = 'asked to stop') => {
      stopReasons.push(`draining: ${reason}`);
      running.stop();
      await finished;
    },
  };
}
