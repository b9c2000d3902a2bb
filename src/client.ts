import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { checkPipelineInput, checkStart, checkTrack } from './client/check-input.ts';
import { checkTaskQueue } from './client/check-task-queue.ts';
import { InvalidInputError } from './client/invalid-input-error.ts';
import { createReaderByUri, openArtifact, type ReadByUri } from './client/open-artifact.ts';
import { createJobHandle, type JobHandle } from './client/job-handle.ts';
import { type ListedJob, listJobs, type ListJobsOptions } from './client/list-jobs.ts';
import { jobRequest } from './client/job-request.ts';
import { createPipelineHandle, type PipelineHandle } from './client/pipeline-handle.ts';
import type { ResourceName, TrackOptions } from './client/resource-name.ts';
import { pipelineStart, trackStart } from './contract/start-requests.ts';
import { type AgainOptions, findUnsuccessful, type PipelineAgain, runAgain } from './client/resume/again.ts';
import { resumeJobs } from './client/resume/resume-jobs.ts';
import { type ResumedJob, resumeJob, type ResumeOptions } from './client/resume/resume-job.ts';
import type { FailedJobFilter } from './client/resume/failed-jobs.ts';
import type { StartOptions } from './client/start-options.ts';
import { startWords } from './client/start-words.ts';
import { startWorkflow } from './client/start-workflow.ts';
import type { MediaPipelineInput } from './contract/pipeline.ts';
import type { LifecycleInputs, LifecycleProvider } from './providers/lifecycle-inputs.ts';
import { isProviderName } from './providers/registry.ts';
import type { Readable } from 'node:stream';
import type { Artifact } from './contract/job.ts';
import { parseWorkflowId } from './contract/workflow-ids.ts';
import { createResultStore } from './results/create-result-store.ts';
import type { ReadableResultStore } from './results/result-store.ts';

export type { StartOptions } from './client/start-options.ts';

/** How a pipeline is started. */
export interface PipelineStartOptions extends StartOptions {
  /**
   * Runs a pipeline that has ended without success again under its key: what succeeded is taken, what runs is joined, what
   * failed goes on or is started anew; with `failed-at-provider` also what its provider reported as failed.
   */
  again?: boolean | 'failed-at-provider' | undefined;
}

/** How the client speaks to people, and to which workers. */
export interface ProviderJobsOptions {
  /** Where Temporal's Web UI is, for the handles' links. */
  webUrl?: string | undefined;
  /**
   * The result store of the workers, its directory, or `s3://bucket/prefix`, for `openArtifact`; without one, `file:` and
   * `s3:` URIs are read as they are.
   */
  results?: ReadableResultStore | string | undefined;
  /** What the workers have as PROVIDER_JOBS_TASK_QUEUE; default `provider-jobs`. */
  taskQueue?: string | undefined;
}

/** The entry for backend code: starts, follows and cancels provider jobs over a Temporal `Client`. */
export class ProviderJobs {
  readonly #client: Client;
  readonly #webUrl: string | undefined;
  readonly #read: ReadByUri;
  readonly #taskQueue: string;

  /** @throws InvalidInputError where the task queue is none. */
  constructor(client: Client, options: ProviderJobsOptions = {}) {
    this.#client = client;
    this.#webUrl = options.webUrl;
    this.#taskQueue = checkTaskQueue(options.taskQueue);
    const { results } = options;
    const store = typeof results === 'string' ? createResultStore(results) : results;
    this.#read = store === undefined ? createReaderByUri() : (uri) => store.read(uri);
  }

  /**
   * Starts a job from its media to its results; with a key that is known already, gives the job that has it.
   * @throws InvalidInputError, naming every wrong field, before anything is started.
   * @throws KeyInUseError where the key belongs to a job with other input, naming the fields that differ.
   */
  async start<P extends LifecycleProvider>(
    provider: P,
    given: LifecycleInputs[P],
    options: StartOptions = {},
  ): Promise<JobHandle> {
    const { request, canonical } = jobRequest(this.#client, { provider, given, options, taskQueue: this.#taskQueue });
    const { runId } = await startWorkflow(this.#client, request, { canonical });
    return createJobHandle(this.#client, { workflowId: request.workflowId, runId, provider }, this.#webUrl);
  }

  /**
   * Follows a resource that somebody else created, by its id; nothing is created at the provider. With `collect` its
   * results are stored too. A running track of the same resource is joined as it is, with the options that it was
   * started with; a closed one is followed anew.
   * @throws InvalidInputError, naming every wrong field, before anything is started.
   * @throws KeyInUseError where results are wanted that the running track does not store.
   */
  async track(resource: ResourceName, id: string, options: TrackOptions = {}): Promise<JobHandle> {
    const target = checkTrack(resource, id, options);
    const { provider, deadlineMs, priority } = target;
    const request = trackStart({ ...target, id }, startWords(provider, deadlineMs));
    const { runId } = await startWorkflow(this.#client, { ...request, taskQueue: this.#taskQueue, priority });
    return createJobHandle(this.#client, { workflowId: request.workflowId, runId, provider }, this.#webUrl);
  }

  /**
   * Starts several jobs over one media file; with a key that is known already, gives the pipeline that has it.
   * @throws InvalidInputError, naming every wrong field, before anything is started.
   * @throws KeyInUseError where the key belongs to a pipeline with other input, naming the fields that differ.
   */
  async pipeline(given: MediaPipelineInput, options: PipelineStartOptions = {}): Promise<PipelineHandle> {
    const { key = randomUUID(), priority } = checkStart(options);
    const { input, deadlineMs, canonical } = checkPipelineInput(this.#client, given);
    const request = pipelineStart({ input, key, deadlineMs });
    const { again = false } = options;
    const judged = again === false ? null : await findUnsuccessful(this.#client, request.workflowId);
    const queued = { ...request, taskQueue: this.#taskQueue, priority };
    const { runId } = await startWorkflow(this.#client, queued, {
      canonical,
      ...(judged === null
        ? {}
        : { again: { ...judged, mode: again === 'failed-at-provider' ? again : 'failed-steps' } }),
    });
    return createPipelineHandle(this.#client, { workflowId: request.workflowId, runId }, this.#webUrl);
  }

  /**
   * Goes on where a job failed, timed out, was terminated or was cancelled, without doing again at the provider what was
   * done: nothing is uploaded or created twice that the plan does not name. Twice, or from two places at once, it gives
   * the same run. Whether it goes on, and why not, is data; only Temporal out of reach is an error.
   */
  resume(workflowId: string, options: ResumeOptions = {}): Promise<ResumedJob> {
    return resumeJob(this.#client, workflowId, options);
  }

  /**
   * Runs a pipeline again that has ended without success: it pays only for what failed. Whether it does, and why not, is
   * data; only Temporal out of reach is an error.
   */
  again(workflowId: string, options: AgainOptions = {}): Promise<PipelineAgain> {
    return runAgain(this.#client, workflowId, options);
  }

  /** Resumes every job that ended badly and that the filter means, and yields what each came to as it is known. */
  resumeAll(filter: FailedJobFilter, options: ResumeOptions = {}): AsyncIterable<ResumedJob> {
    return resumeJobs(this.#client, filter, options);
  }

  /**
   * Jobs, pipelines and ingests of the namespace as Temporal's list shows them, which may be a second behind: those that
   * run first, then the others by their end, the last first. Read page by page as they are asked for.
   * @throws InvalidInputError, naming every wrong option, before anything is asked.
   */
  list(options: ListJobsOptions = {}): AsyncIterable<ListedJob> {
    return listJobs(this.#client, options);
  }

  /**
   * The handle of a job that was started earlier or elsewhere, by its workflow id.
   * @throws InvalidInputError for an id that is not that of a job of ours.
   */
  handle(workflowId: string): JobHandle {
    const parsed = parseWorkflowId(workflowId);
    if (parsed === null || parsed.kind === 'pipeline' || !isProviderName(parsed.provider)) {
      const problem = 'expected the workflow id of a job, provider-job/<provider>/…';
      throw new InvalidInputError([{ field: 'workflowId', problem }]);
    }
    return createJobHandle(this.#client, { workflowId, runId: null, provider: parsed.provider }, this.#webUrl);
  }

  /**
   * The handle of a pipeline that was started earlier or elsewhere, by its workflow id.
   * @throws InvalidInputError for an id that is not that of a pipeline of ours.
   */
  pipelineHandle(workflowId: string): PipelineHandle {
    if (parseWorkflowId(workflowId)?.kind !== 'pipeline') {
      const problem = 'expected the workflow id of a pipeline, media-pipeline/…';
      throw new InvalidInputError([{ field: 'workflowId', problem }]);
    }
    return createPipelineHandle(this.#client, { workflowId, runId: null }, this.#webUrl);
  }

  /**
   * Opens a result of a job for reading. The stream ends with an error where the content is not what was stored.
   * @throws ResultStoreError where it cannot be opened, for instance since it is on another machine.
   */
  openArtifact(artifact: Artifact): Promise<Readable> {
    return openArtifact(artifact, this.#read);
  }
}
