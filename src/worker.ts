export {
  type Config,
  ConfigurationError,
  type ConfigurationFault,
  readConfig,
  type ReadConfigOptions,
  type Role,
} from './config/config.ts';
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
  WalkableResultStore,
  WalkedFolder,
} from './results/result-store.ts';
export type { ByteRange, OpenedSource, SourceOpener, SourceOpeners } from './upload/media-source.ts';
export { SourceError, type SourceErrorKind } from './upload/source-error.ts';
export { readTemporalSettings, type TemporalSettings } from './config/temporal-connection.ts';
export { metricsOptions, type MetricsOptions } from './worker/metrics-options.ts';
export type { MetricsTarget } from './config/metrics-target.ts';
export type { WorkflowCode } from './worker/workflow-bundle.ts';
export { bundleProviderJobsWorkflows, type BundleProviderJobsWorkflowsOptions } from './worker/bundle-workflows.ts';
export type { PreparedWorkers, StartWorkerOptions } from './worker/prepare-workers.ts';
export { ProviderJobsPlugin, type ProviderJobsPluginOptions } from './worker/provider-jobs-plugin.ts';
export { type RunningWorker, startWorker } from './worker/start-worker.ts';
export { providerJobsWorkerOptions } from './worker/worker-options.ts';
