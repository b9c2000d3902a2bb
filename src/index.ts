export { type PipelineStartOptions, ProviderJobs, type ProviderJobsOptions, type StartOptions } from './client.ts';
export type { AgainOptions, AgainStep, PipelineAgain } from './client/resume/again.ts';
export type { FailedJobFilter } from './client/resume/failed-jobs.ts';
export type { ResumePlan } from './client/resume/plan.ts';
export type { ResumedJob, ResumeOptions } from './client/resume/resume-job.ts';
export { type InputFault, InvalidInputError } from './client/invalid-input-error.ts';
export type { JobHandle } from './client/job-handle.ts';
export { KeyInUseError } from './client/key-in-use-error.ts';
export type { ListedJob, ListJobsOptions } from './client/list-jobs.ts';
export type { LiveSnapshot } from './client/live-snapshot.ts';
export type { PipelineHandle, PipelineSnapshot, StepSnapshot } from './client/pipeline-handle.ts';
export type { PipelineResult, StepResult } from './client/pipeline-result.ts';
export type { ResourceName, TrackOptions } from './client/resource-name.ts';
export type { ReadableResultStore, ResultStore, StoredArtifact, StoredFile } from './results/result-store.ts';
export { createDirectoryResultStore } from './results/directory-result-store.ts';
export { ResultStoreError } from './results/result-store-error.ts';
export type { WatchOptions } from './client/watch.ts';
export { createDataConverter } from './encryption/data-converter.ts';
export { type EncryptionKey, EncryptionKeysError, parseEncryptionKeys } from './encryption/encryption-keys.ts';
export { PayloadDecryptionError } from './encryption/payload-decryption-error.ts';
export { type FailureDescription, type FailureType, failureTypes } from './contract/failures.ts';
export type {
  Artifact,
  Cleanup,
  FileOutcome,
  JobFailureDetails,
  JobNotice,
  JobOutcome,
  JobResult,
  MediaFacts,
  MissingPart,
} from './contract/job.ts';
export type { JobSnapshot, Phase, Progress, ProviderTimestamps, TerminalPhase } from './snapshot.ts';
export { isTerminal, phases } from './snapshot.ts';

export type {
  MediaPipelineInput,
  PipelineJob,
  PipelineNotice,
  PipelineStep,
  PipelineStrategy,
} from './contract/pipeline.ts';
export type { LifecycleInputs, LifecycleProvider } from './providers/lifecycle-inputs.ts';
export type { ProviderName } from './providers/registry.ts';
export {
  type AppliedSchedule,
  applySchedules,
  type ApplySchedulesOptions,
  deleteSchedule,
  type ListedSchedule,
  listSchedules,
  pauseSchedule,
  resumeSchedule,
  ScheduleFileError,
  ScheduleNotFoundError,
  triggerSchedule,
} from './schedules.ts';
