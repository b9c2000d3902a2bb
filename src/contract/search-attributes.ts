import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** The provider's name; set at start on every lifecycle and track. */
export const providerNameAttribute = defineSearchAttributeKey('ProviderName', SearchAttributeType.KEYWORD);

/** The provider's id of the job, once known. */
export const providerJobIdAttribute = defineSearchAttributeKey('ProviderJobId', SearchAttributeType.KEYWORD);

/** The job's phase as last seen; filter the Web UI by it, since a job that failed is a Completed workflow. */
export const providerJobPhaseAttribute = defineSearchAttributeKey('ProviderJobPhase', SearchAttributeType.KEYWORD);

/** What went wrong; so far `StepsFailed` of a pipeline without success, which is a Completed workflow too. */
export const providerJobFailureAttribute = defineSearchAttributeKey('ProviderJobFailure', SearchAttributeType.KEYWORD);

/** The value of `ProviderJobFailure` on a pipeline whose steps did not succeed as its strategy demands. */
export const stepsFailed = 'StepsFailed';

/** Everything that a server must know before a workflow of ours starts. */
export const searchAttributeKeys = [
  providerNameAttribute,
  providerJobIdAttribute,
  providerJobPhaseAttribute,
  providerJobFailureAttribute,
] as const;
