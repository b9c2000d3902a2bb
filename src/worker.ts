import { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { createActivities } from './activities/create-activities.ts';
import type { Config } from './config/config.ts';
import { findRate } from './config/rates.ts';
import { createCredentialResolver } from './config/credentials.ts';
import type { ResolveCredential } from './providers/connection/provider-connections.ts';
import { isProviderName, type ProviderName } from './providers/registry.ts';
import { createDataConverter } from './encryption/data-converter.ts';
import { createResultStore } from './results/create-result-store.ts';
import { folderOfStore } from './results/folder-of-store.ts';
import type { ResultStore } from './results/result-store.ts';
import { S3Connection } from './s3/s3-connection.ts';
import { createS3Opener } from './s3/s3-source.ts';
import { createLearnedTimes } from './polling/learned-times.ts';
import { inspectSource } from './upload/inspect-source.ts';
import type { SourceOpeners } from './upload/media-source.ts';
import { openSource } from './upload/open-source.ts';
import { findNexusServices } from './worker/find-nexus-services.ts';
import { keepTimes, priorsFileName, type KeptTimes } from './worker/kept-times.ts';
import { startHealthServer } from './worker/health-server.ts';
import { createMeters, type Meters } from './worker/meters.ts';
import { findOpenJobs } from './worker/open-jobs.ts';
import { watchOpenJobs } from './worker/open-jobs-watch.ts';
import { LookPlanner } from './polling/look-planner.ts';
import { createProviderConnections } from './providers/connection/provider-connections.ts';
import { type ReadinessWatch, watchReadiness } from './worker/readiness.ts';
import { roleOptions } from './worker/role-options.ts';
import { versioning } from './worker/versioning.ts';
import { type RunningWorkers, runTogether } from './worker/run-together.ts';
import { checkOpeners, checkResults } from './worker/storage-checks.ts';
import { registerSearchAttributes } from './worker/search-attribute-registration.ts';
import type { WorkflowCode } from './worker/workflow-bundle.ts';

export { type Config, ConfigurationError, type ConfigurationFault, readConfig, type Role } from './config/config.ts';
export type { Credentials, KeySource } from './config/credentials.ts';
export type { Rates } from './config/rates.ts';
export type { DeploymentVersion, Environment } from './config/settings-reader.ts';
export type { RateLimit } from './providers/provider.ts';
export type { ForwardProxies } from './http/forward-proxy.ts';
export type { ResolveCredential } from './providers/connection/provider-connections.ts';
export type {
  ArtifactContent,
  ReadableResultStore,
  ResultStore,
  StoredArtifact,
  StoredFile,
} from './results/result-store.ts';
export type { ByteRange, OpenedSource, SourceOpener, SourceOpeners } from './upload/media-source.ts';
export { SourceError, type SourceErrorKind } from './upload/source-error.ts';
export { readTemporalSettings, type TemporalSettings } from './config/temporal-connection.ts';
export { metricsOptions, type MetricsOptions } from './worker/metrics-options.ts';
export type { MetricsTarget } from './config/metrics-target.ts';
export type { WorkflowCode } from './worker/workflow-bundle.ts';

/** What a worker is started with. */
export interface StartWorkerOptions {
  config: Config;
  connection: NativeConnection;
  namespace: string;
  /** Replaces the look-up of keys in the environment. */
  resolveCredential?: ResolveCredential;
  /** Replaces PROVIDER_JOBS_RESULTS as the place for results; a job's folder is `<namespace>/<workflow id>`. */
  results?: ResultStore;
  /**
   * What reads sources of other schemes, by the scheme with its colon: `{ 'gs:': openFromGoogle }` reads
   * `gs://bucket/talk.wav`. One for `s3:` replaces ours; `file:`, `https:` and `http:` are not to be replaced.
   */
  sources?: SourceOpeners;
  /** Where workflow code comes from; found by itself unless given. With encryption, bundle the failure converter in. */
  workflowCode?: WorkflowCode;
  /** More options for every worker, for instance `maxCachedWorkflows`. */
  workerOptions?: Partial<WorkerOptions>;
}

/** The workers of one process. */
export interface RunningWorker {
  taskQueues: string[];
  healthPort: number | null;
  /**
   * Drains: no new work, what runs may end within the grace; resolves when everything has stopped. Until then `/readyz`
   * answers with the reason.
   */
  stop(reason?: string): Promise<void>;
  /** Resolves after `stop`, rejects when a worker dies or does not end within 30 seconds past the grace. */
  finished: Promise<void>;
}

// Past the grace, for activities that put things in order after their cancellation.
const forcedAfterMs = 30_000;

async function createWorkers(options: StartWorkerOptions, activities: ReturnType<typeof createActivities>) {
  const { config, connection, namespace } = options;
  const workers = new Map<string, Worker>();
  const nexusServices = config.roles.includes('workflows') ? await findNexusServices(connection) : [];
  for (const served of config.roles.flatMap((role) => roleOptions(role, activities, options))) {
    // A provider that is only tracked transfers nothing.
    if (Object.keys(served.activities).length === 0) continue;
    const worker = await Worker.create({
      connection,
      namespace,
      dataConverter: createDataConverter(config.encryptionKeys),
      shutdownGraceTime: config.shutdownGraceMs,
      shutdownForceTime: config.shutdownGraceMs + forcedAfterMs,
      // A cancellation reaches a transfer only through a heartbeat that is really sent.
      maxHeartbeatThrottleInterval: '1s',
      ...(served.taskQueue === config.taskQueue && nexusServices.length > 0 ? { nexusServices } : {}),
      ...served,
      ...versioning(config),
      ...options.workerOptions,
    });
    workers.set(worker.options.taskQueue, worker);
  }
  return workers;
}

function learnTimes({ priorsDirectory, taskQueue, roles }: Config): Pick<KeptTimes, 'times' | 'close'> {
  if (priorsDirectory === undefined) return { times: createLearnedTimes(), close: () => Promise.resolve() };
  const warn = (message: string) => {
    Runtime.instance().logger.warn(message);
  };
  return keepTimes({ directory: priorsDirectory, fileName: priorsFileName(taskQueue, roles), warn });
}

function countOpenJobs({ config, connection, namespace }: StartWorkerOptions, meters: Meters) {
  const { taskQueue, encryptionKeys } = config;
  const client = new Client({ connection, namespace, dataConverter: createDataConverter(encryptionKeys) });
  return watchOpenJobs({
    find: (provider) => findOpenJobs({ client, taskQueue, provider }),
    note: meters.noteOpen,
    warn: (message) => {
      Runtime.instance().logger.warn(message);
    },
  });
}

/**
 * Starts the workers of the configured roles; the composition root of everything that runs in one.
 * @throws SearchAttributesMissingError where the server lacks them and does not let us add them.
 * @throws ConfigurationError where results are to go to S3 and AWS's packages are not installed.
 * @throws TypeError for an opener of what is no scheme, or of one that is not to be replaced.
 */
export async function startWorker(options: StartWorkerOptions): Promise<RunningWorker> {
  const { config, connection, namespace, sources = {} } = options;
  const { timeScale, baseUrls, proxies } = config;
  checkOpeners(sources);
  if (options.results === undefined) await checkResults(config.resultsDirectory);
  await registerSearchAttributes(connection, namespace);
  const meters = createMeters(Runtime.instance().metricMeter, { namespace, taskQueue: config.taskQueue });
  const resolveCredential = options.resolveCredential ?? createCredentialResolver(config.credentials);
  const rateOf = (provider: ProviderName, alias: string) => findRate(config.rates, provider, alias);
  const connections = createProviderConnections({
    ...{ baseUrls, resolveCredential, timeScale, proxies },
    ...{ rateOf, observe: meters.observe },
  });
  const s3 = new S3Connection();
  const sourcePolicy = {
    openers: { 's3:': createS3Opener(s3), ...sources },
    roots: config.sourceRoots,
    allowPrivateAddresses: config.allowPrivateSources,
    proxies,
    // Only where Temporal cannot read the signature.
    allowSignedUrls: config.encryptionKeys.length > 0,
  };
  const learned = learnTimes(config);
  const activities = createActivities({
    connect: connections.connect,
    inspectSource: (uri, signal, wanted) => inspectSource(uri, { ...sourcePolicy, signal }, wanted),
    openSource: (uri, expectedFingerprint) => openSource(uri, { ...sourcePolicy, expectedFingerprint }),
    // The same workflow id in another namespace is another job.
    s3,
    results: meters.counting(
      folderOfStore(options.results ?? createResultStore(config.resultsDirectory, s3), namespace),
    ),
    looks: new LookPlanner({
      ...{ timeScale, random: Math.random, times: learned.times },
      isLimited: (provider, alias) => isProviderName(provider) && rateOf(provider, alias) !== undefined,
    }),
    timeScale,
    random: Math.random,
    onDetected: meters.onDetected,
  });
  let watch: ReadinessWatch | null = null;
  let running: RunningWorkers | null = null;
  const stopReasons: string[] = [];
  const readiness = () => {
    const { reasons } = watch?.read() ?? { reasons: ['the workers are being made'] };
    return { ready: reasons.length + stopReasons.length === 0, reasons: [...stopReasons, ...reasons] };
  };
  // Before the workers, which hold on to the connection: a port that is taken leaves nothing behind.
  const lives = () => running?.hasFailed() !== true;
  const health = config.healthPort === undefined ? null : await startHealthServer(config.healthPort, readiness, lives);
  let stopCounting = () => {};
  const closeAll = async () => {
    watch?.stop();
    stopCounting();
    await health?.close();
    await connections.close();
    await s3.close();
    await learned.close();
  };
  const workers = await createWorkers(options, activities).catch(async (error: unknown) => {
    await closeAll();
    throw error;
  });
  watch = watchReadiness(connection, namespace, workers);
  if (meters.isHeard && config.roles.includes('workflows')) stopCounting = countOpenJobs(options, meters);
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
