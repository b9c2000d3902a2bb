export { type Config, ConfigurationError, type ConfigurationFault, readConfig, type Role } from '../config/config.ts';
export type { ResolveCredential } from '../config/credentials.ts';
export type { ArtifactContent, ResultStore, StoredArtifact } from '../results/result-store.ts';
export { readTemporalSettings, type TemporalSettings } from '../config/temporal-connection.ts';
export { type RunningWorker, startWorker, type StartWorkerOptions } from '../worker.ts';
export type { WorkflowCode } from './workflow-bundle.ts';
