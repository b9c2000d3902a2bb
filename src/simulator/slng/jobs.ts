import { basename } from 'node:path';
import { RefusalError } from '../answer.ts';
import { timestamp } from '../clock.ts';
import { scripted } from '../script.ts';
import type { SimulatedJob, World } from '../world.ts';
import { slngDialect } from './dialect.ts';
import type { SlngInput, SlngJob } from './job.ts';
import { outputGrants } from './outputs.ts';
import { slngProgress } from './progress.ts';

const defaultModel = 'slng/speechmatics/batch:15.0.0';
/** All batch jobs; a job's status follows from the clock at the time of asking. */
export class SlngJobs {
  readonly #world: World;
  readonly #jobs = new Map<string, SlngJob>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Creates a job, or answers for one that has this id; throws a RefusalError with 409 unless its plan says otherwise. */
  create(from: { id: string; modelCode?: string; jobConfig: Record<string, unknown>; metadata?: unknown }): SlngJob {
    const { id, modelCode = defaultModel, jobConfig, metadata } = from;
    const existing = this.#jobs.get(id);
    if (existing) {
      if (this.#world.plans.of('slng', id).duplicateJobId === 'same-job') return existing;
      throw new RefusalError({ status: 409, body: slngDialect.errorBody(409, `job ${id} already exists`) });
    }
    this.#world.plans.assign('slng', id);
    const job: SlngJob = { id, modelCode, jobConfig, metadata, submittedAt: this.#world.clock.now() };
    this.#jobs.set(id, job);
    this.#world.calls.countJob('slng');
    return job;
  }

  /** Notes what arrived as the job's input; its queue time begins. */
  arrived(job: SlngJob, input: SlngInput): void {
    job.input ??= { ...input, arrivedAt: this.#world.clock.now() };
  }

  /** The job of this id; throws a RefusalError with 404. */
  get(id: string): SlngJob {
    const job = this.#jobs.get(id);
    if (!job) throw new RefusalError({ status: 404, body: slngDialect.errorBody(404, 'job not found') });
    return job;
  }

  /** Every job, oldest first. */
  all(): SlngJob[] {
    return [...this.#jobs.values()];
  }

  /** The job as its detail document tells it; `poll` counts this as an answer of the plan's script. */
  document(job: SlngJob, poll: boolean): Record<string, unknown> {
    const { plans, clock } = this.#world;
    const plan = plans.of('slng', job.id);
    const step = plans.step({ script: plan.script, resourceId: job.id, since: job.submittedAt, poll });
    const { startedAt, completedAt, expiredAt, status: natural } = slngProgress(this.#world, job);
    const status = step?.status ?? natural;
    const now = clock.now();
    const reached = (at: number | undefined) => (at !== undefined && now >= at ? timestamp(at) : null);
    const failure = plan.message === undefined ? 'The audio could not be processed' : plan.message;
    const message = job.inputError ?? failure;
    const updatedAt = [job.deletedAt, completedAt, startedAt].find((at) => at !== undefined && now >= at);
    const body = {
      job_id: job.id,
      status,
      api_key_id: 'key-1',
      organisation_id: '7f6b1c1e-6d0b-4b68-9f0e-0d5f0a3c2b11',
      model_code: job.modelCode,
      job_config: job.jobConfig,
      input_metadata: inputMetadata(job),
      output_metadata: status === 'DONE' ? { formats: ['json', 'txt', 'srt'] } : {},
      error_message: status === 'FAILED' && message !== null ? { message } : null,
      submitted_at: timestamp(job.submittedAt),
      started_at: reached(startedAt),
      completed_at: reached(completedAt),
      deleted_at: reached(job.deletedAt),
      expired_at: reached(expiredAt),
      updated_at: timestamp(updatedAt ?? job.submittedAt),
    };
    return scripted(body, step);
  }

  /** Download links of the job's input and, once it is done, its outputs; throws a RefusalError with 404 when gone. */
  files(origin: string, job: SlngJob): Record<string, unknown> {
    const { status, expired_at: expiredAt } = this.document(job, false);
    if (status === 'DELETED' || expiredAt !== null) {
      throw new RefusalError({ status: 404, body: slngDialect.errorBody(404, 'files are no longer available') });
    }
    return outputGrants(this.#world, origin, job, status === 'DONE');
  }

  /** Deletes a job that has ended; throws a RefusalError with 409 for any other. */
  delete(job: SlngJob): void {
    const status = String(this.document(job, false)['status']);
    if (status === 'DELETED') return;
    if (status !== 'DONE' && status !== 'FAILED') {
      throw new RefusalError({ status: 409, body: slngDialect.errorBody(409, `job is ${status}, not DONE or FAILED`) });
    }
    job.deletedAt = this.#world.clock.now();
    if (job.input) this.#world.storage.remove('slng', job.input.key);
  }

  /** Every job with its status now. */
  list(): SimulatedJob[] {
    return this.all().map((job) => ({
      provider: 'slng',
      resource: 'batch-job',
      id: job.id,
      status: String(this.document(job, false)['status']),
      createdAt: job.submittedAt,
      media: job.input && job.deletedAt === undefined ? [job.input.media] : [],
      orphan: false,
      filenames: job.input ? [basename(job.input.key)] : [],
    }));
  }
}

function inputMetadata(job: SlngJob): Record<string, unknown> {
  if (!job.input) return {};
  const { media, durationSeconds, mediaType, source } = job.input;
  const format = mediaType.split('/')[1] ?? mediaType;
  return { size_bytes: media.sizeBytes, duration_seconds: durationSeconds, format, mime_type: mediaType, source };
}
