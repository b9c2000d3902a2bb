import { AsyncLocalStorage } from 'node:async_hooks';
import { SimplePlugin } from '@temporalio/plugin';
import {
  type BundleOptions,
  type BundlerPlugin,
  Runtime,
  type Worker,
  type WorkerOptions,
  type WorkerPlugin,
} from '@temporalio/worker';
import { addEncryption, findFailureConverter } from '../encryption/data-converter.ts';
import { JobsBeside } from './jobs-beside.ts';
import type { StartWorkerOptions } from './prepare-workers.ts';
import { ownPluginName } from './role-options.ts';
import { startWorker } from './start-worker.ts';

/** As for `startWorker`; connection and namespace are those of the worker that the plugin is given to. */
export type ProviderJobsPluginOptions = Omit<StartWorkerOptions, 'connection' | 'namespace'>;

// A plugin of the connection is given to our workers too, which are not to have workers beside them.
const makingOurs = new AsyncLocalStorage<true>();

/**
 * What our workers take of another plugin: interceptors, sinks, and what it does around a worker and to a bundle. Its data
 * converter is in that of the user's worker, which is ours too; its workflows and activities are the user's alone.
 */
function alsoForJobs(plugin: WorkerPlugin & BundlerPlugin): WorkerPlugin & BundlerPlugin {
  return {
    name: plugin.name,
    async configureWorker(options) {
      const { interceptors, sinks } = (await plugin.configureWorker?.(options)) ?? options;
      return { ...options, ...(interceptors && { interceptors }), ...(sinks && { sinks }) };
    },
    configureBundler: (options) => ({
      ...(plugin.configureBundler?.(options) ?? options),
      workflowsPath: options.workflowsPath,
    }),
    runWorker: (worker, next) => plugin.runWorker?.(worker, next) ?? next(worker),
  };
}

/**
 * Runs the jobs' workers beside a worker of your own, in its process, on its connection and in its namespace:
 * `Worker.create({ connection, …, plugins: [new ProviderJobsPlugin({ config: readConfig(process.env) })] })`. They start
 * with it and drain with it; `run()` ends after all of them. Where one of them cannot start or dies, yours drains too and
 * `run()` rejects with the reason. Several workers that are given one plugin, as by their connection, share the jobs' workers.
 *
 * With encryption your worker encrypts as well, after codecs of its own. Given to a `Client`, `bundleWorkflowCode` or
 * `runReplayHistory`, the plugin does just that.
 */
export class ProviderJobsPlugin extends SimplePlugin {
  readonly #given: ProviderJobsPluginOptions;
  #beside: JobsBeside | null = null;

  constructor(options: ProviderJobsPluginOptions) {
    const { encryptionKeys } = options.config;
    super({ name: ownPluginName, dataConverter: (converter) => addEncryption(encryptionKeys, converter) });
    this.#given = options;
  }

  /**
   * @throws TypeError for a worker without a connection of its own, or on the jobs' task queue.
   */
  override configureWorker(options: WorkerOptions): WorkerOptions {
    if (makingOurs.getStore() === true) return options;
    if (options.connection === undefined) {
      throw new TypeError('connection: not given; ProviderJobsPlugin runs on the NativeConnection of your worker');
    }
    const { taskQueue } = this.#given.config;
    if (options.taskQueue === taskQueue) {
      throw new TypeError(
        `taskQueue: "${taskQueue}" is that of the jobs; expected another one, or another PROVIDER_JOBS_TASK_QUEUE`,
      );
    }
    return super.configureWorker(options);
  }

  override configureBundler(options: BundleOptions): BundleOptions {
    const encrypts = this.#given.config.encryptionKeys.length > 0;
    const configured = super.configureBundler(options);
    if (!encrypts || configured.failureConverterPath !== undefined) return configured;
    return { ...configured, failureConverterPath: findFailureConverter() };
  }

  /**
   * @throws Error where the plugin runs jobs in another namespace already.
   */
  override runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    const run = () => super.runWorker(worker, next);
    if (makingOurs.getStore() === true) return run();
    if (this.#beside?.isOpen !== true)
      this.#beside = new JobsBeside(worker.options.namespace, () => this.#start(worker));
    return this.#beside.runWith(worker, run);
  }

  async #start({ connection, options }: Worker) {
    if (connection === undefined) throw new TypeError('a worker that replays has no jobs beside it');
    const { config, workerOptions } = this.#given;
    const others = (options.plugins ?? []).filter(
      (plugin) => !(plugin instanceof ProviderJobsPlugin) && !connection.plugins.some((each) => each === plugin),
    );
    const jobs = await makingOurs.run(true, () =>
      startWorker({
        ...this.#given,
        connection,
        namespace: options.namespace,
        workerOptions: {
          ...(options.dataConverter && { dataConverter: options.dataConverter }),
          ...workerOptions,
          plugins: [...others.map(alsoForJobs), ...(workerOptions?.plugins ?? [])],
        },
      }),
    );
    const { taskQueues } = jobs;
    Runtime.instance().logger.info('Provider jobs run beside this worker', { taskQueues, withoutKey: config.keyless });
    return jobs;
  }
}
