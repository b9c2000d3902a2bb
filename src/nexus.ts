import * as nexus from 'nexus-rpc';
import type { JobOutcome } from './contract/job.ts';
import type { lifecycleWorkflowTypes } from './contract/workflow-types.ts';
import type { LifecycleInputs, LifecycleProvider } from './providers/lifecycle-inputs.ts';

export { nexusEndpoint } from './contract/nexus-endpoint.ts';
export type { Artifact, JobFailureDetails, JobOutcome } from './contract/job.ts';
export type { LifecycleInputs, LifecycleProvider } from './providers/lifecycle-inputs.ts';

/** What an operation is given: what the job is to do, and how it is started. */
export interface NexusJob<P extends LifecycleProvider> {
  /** What the provider's lifecycle takes. */
  input: LifecycleInputs[P];
  /** The idempotency key: the same key gives the same job; where none is given, each operation has a job of its own. */
  key?: string | undefined;
  /** 1 goes first, 5 last; 3 where none is given. */
  priority?: number | undefined;
}

type Operation<P extends LifecycleProvider> = nexus.PartialOperation<NexusJob<P>, JobOutcome>;

/**
 * The Nexus service: an operation for each provider's lifecycle, which starts a job and ends with its outcome, from
 * another namespace too. Safe inside any workflow bundle. A job that its provider reports as failed has an outcome;
 * where we could not find out or could not do it, the operation fails with the failure types of `docs/failures.md`.
 */
export const providerJobsService = nexus.service('provider-jobs', {
  soketTranscription: nexus.operation<NexusJob<'soket'>, JobOutcome>(),
  twelvelabsUpload: nexus.operation<NexusJob<'twelvelabs'>, JobOutcome>(),
  tiroTranscription: nexus.operation<NexusJob<'tiro'>, JobOutcome>(),
  slngTranscription: nexus.operation<NexusJob<'slng'>, JobOutcome>(),
} satisfies { [P in LifecycleProvider as (typeof lifecycleWorkflowTypes)[P]]: Operation<P> });
