import { Client } from '@temporalio/client';
import { type NativeConnection, Runtime, type WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../activities/create-activities.ts';
import type { Config } from '../config/config.ts';
import { createCredentialResolver } from '../config/credentials.ts';
import { findRate } from '../config/rates.ts';
import { createDataConverter } from '../encryption/data-converter.ts';
import { createLearnedTimes } from '../polling/learned-times.ts';
import { LookPlanner } from '../polling/look-planner.ts';
import { createProviderConnections, type ResolveCredential } from '../providers/connection/provider-connections.ts';
import { isProviderName, type ProviderName } from '../providers/registry.ts';
import { createResultStore } from '../results/create-result-store.ts';
import { folderOfStore } from '../results/folder-of-store.ts';
import { isWalkable, type ResultStore } from '../results/result-store.ts';
import { S3Connection } from '../s3/s3-connection.ts';
import { createS3Opener } from '../s3/s3-source.ts';
import { inspectSource } from '../upload/inspect-source.ts';
import type { SourceOpeners } from '../upload/media-source.ts';
import { openSource } from '../upload/open-source.ts';
import { findNexusServices } from './find-nexus-services.ts';
import { keepTimes, type KeptTimes, priorsFileName } from './kept-times.ts';
import { createMeters, type Meters } from './meters.ts';
import { watchOpenJobs } from './open-jobs-watch.ts';
import { findOpenJobs } from './open-jobs.ts';
import { roleOptions } from './role-options.ts';
import { registerSearchAttributes } from './search-attribute-registration.ts';
import { checkOpeners, checkResults } from './storage-checks.ts';
import { versioning } from './versioning.ts';
import type { WorkflowCode } from './workflow-bundle.ts';

/** What a worker is started with. */
export interface StartWorkerOptions {
  config: Config;
  connection: NativeConnection;
  namespace: string;
  /**
   * Replaces the look-up of keys in the environment. Providers without a key there are served too where the
   * configuration was read with `keysElsewhere`.
   */
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

/** The workers of a configuration's roles, to be made, and what they work with. */
export interface PreparedWorkers {
  /** One for each task queue. */
  workers: WorkerOptions[];
  /** Closes what they work with; to be called after the last of them has stopped. */
  close: () => Promise<void>;
}

// Past the grace, for activities that put things in order after their cancellation.
const forcedAfterMs = 30_000;

function learnTimes({ priorsDirectory, taskQueue, roles }: Config): Pick<KeptTimes, 'times' | 'close'> {
  if (priorsDirectory === undefined) return { times: createLearnedTimes(), close: () => Promise.resolve() };
  const warn = (message: string) => {
    Runtime.instance().logger.warn(message);
  };
  return keepTimes({ directory: priorsDirectory, fileName: priorsFileName(taskQueue, roles), warn });
}

const dataConverterOf = ({ config, workerOptions }: StartWorkerOptions) =>
  workerOptions?.dataConverter ?? createDataConverter(config.encryptionKeys);

function countOpenJobs(options: StartWorkerOptions, meters: Meters) {
  const { config, connection, namespace } = options;
  const client = new Client({ connection, namespace, dataConverter: dataConverterOf(options) });
  return watchOpenJobs({
    find: (provider) => findOpenJobs({ client, taskQueue: config.taskQueue, provider }),
    note: meters.noteOpen,
    warn: (message) => {
      Runtime.instance().logger.warn(message);
    },
  });
}

async function optionsOfWorkers(options: StartWorkerOptions, activities: ReturnType<typeof createActivities>) {
  const { config, connection, namespace } = options;
  const nexusServices = config.roles.includes('workflows') ? await findNexusServices(connection) : [];
  const served = config.roles.flatMap((role) => roleOptions(role, activities, options));
  return (
    served
      // A provider that is only tracked transfers nothing.
      .filter((queue) => Object.keys(queue.activities).length > 0)
      .map((queue): WorkerOptions => ({
        connection,
        namespace,
        dataConverter: dataConverterOf(options),
        shutdownGraceTime: config.shutdownGraceMs,
        shutdownForceTime: config.shutdownGraceMs + forcedAfterMs,
        // A cancellation reaches a transfer only through a heartbeat that is really sent.
        maxHeartbeatThrottleInterval: '1s',
        ...(queue.taskQueue === config.taskQueue && nexusServices.length > 0 ? { nexusServices } : {}),
        ...queue,
        ...versioning(config),
        ...options.workerOptions,
      }))
  );
}

function checkKeys({ config, resolveCredential }: StartWorkerOptions): void {
  if (!config.keysElsewhere || resolveCredential !== undefined) return;
  throw new TypeError('resolveCredential: not given, though the configuration was read with keysElsewhere');
}

/**
 * Builds everything that the workers of the configured roles work with, and their options.
 * @throws SearchAttributesMissingError where the server lacks them and does not let us add them.
 * @throws ConfigurationError where results are to go to S3 and AWS's packages are not installed.
 * @throws TypeError for an opener of what is no scheme, or of one that is not to be replaced; without `resolveCredential`
 * where the configuration was read with `keysElsewhere`.
 */
export async function prepareWorkers(options: StartWorkerOptions): Promise<PreparedWorkers> {
  const { config, connection, namespace, sources = {} } = options;
  const { timeScale, baseUrls, proxies } = config;
  checkKeys(options);
  checkOpeners(sources);
  if (options.results === undefined) await checkResults(config);
  if (config.searchAttributes === 'register') await registerSearchAttributes(connection, namespace);
  const meters = createMeters(Runtime.instance().metricMeter, { namespace, taskQueue: config.taskQueue });
  const resolveCredential = options.resolveCredential ?? createCredentialResolver(config.credentials);
  const rateOf = (provider: ProviderName, alias: string) => findRate(config.rates, provider, alias);
  const connections = createProviderConnections({
    ...{ baseUrls, resolveCredential, timeScale, proxies },
    ...{ rateOf, observe: meters.observe },
  });
  const s3 = new S3Connection({ proxies });
  const sourcePolicy = {
    openers: { 's3:': createS3Opener(s3), ...sources },
    roots: config.sourceRoots,
    allowPrivateAddresses: config.allowPrivateSources,
    proxies,
    // Only where Temporal cannot read the signature.
    allowSignedUrls: config.encryptionKeys.length > 0,
  };
  const learned = learnTimes(config);
  const store = options.results ?? createResultStore(config.resultsDirectory, s3);
  const activities = createActivities({
    connect: connections.connect,
    inspectSource: (uri, signal, wanted) => inspectSource(uri, { ...sourcePolicy, signal }, wanted),
    openSource: (uri, expectedFingerprint) => openSource(uri, { ...sourcePolicy, expectedFingerprint }),
    s3,
    // The same workflow id in another namespace is another job.
    results: meters.counting(folderOfStore(store, namespace)),
    stored: isWalkable(store)
      ? { walk: (folder) => store.walk(`${namespace}/${folder}`), read: (uri) => store.read(uri) }
      : undefined,
    looks: new LookPlanner({
      ...{ timeScale, random: Math.random, times: learned.times },
      isLimited: (provider, alias) => isProviderName(provider) && rateOf(provider, alias) !== undefined,
    }),
    timeScale,
    random: Math.random,
    onDetected: meters.onDetected,
    onCleaned: meters.onCleaned,
  });
  const isCounting = meters.isHeard && config.roles.includes('workflows');
  const stopCounting = isCounting ? countOpenJobs(options, meters) : () => {};
  const close = async () => {
    stopCounting();
    await connections.close();
    await s3.close();
    await learned.close();
  };
  try {
    return { workers: await optionsOfWorkers(options, activities), close };
  } catch (error) {
    await close();
    throw error;
  }
}
