import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** The provider's name; set at start on every lifecycle and track. */
export const providerNameAttribute = defineSearchAttributeKey('ProviderName', SearchAttributeType.KEYWORD);

/** The provider's id of the job, once known. */
export const providerJobIdAttribute = defineSearchAttributeKey('ProviderJobId', SearchAttributeType.KEYWORD);

/** The job's phase as last seen; filter the Web UI by it, since a job that failed is a Completed workflow. */
export const providerJobPhaseAttribute = defineSearchAttributeKey('ProviderJobPhase', SearchAttributeType.KEYWORD);

/** The type of the failure that a job or pipeline ended with; set on failures only, for lists and for `resume`. */
export const providerJobFailureAttribute = defineSearchAttributeKey('ProviderJobFailure', SearchAttributeType.KEYWORD);

/** Everything that a server must know before a workflow of ours starts. */
export const searchAttributeKeys = [
  providerNameAttribute,
  providerJobIdAttribute,
  providerJobPhaseAttribute,
  providerJobFailureAttribute,
] as const;
