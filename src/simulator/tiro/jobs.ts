import { randomUUID } from 'node:crypto';
import { RefusalError } from '../answer.ts';
import { timestamp } from '../clock.ts';
import { mediaDurationSeconds } from '../media-duration.ts';
import { mediaOf } from '../origin.ts';
import type { MediaBytes } from '../origin.ts';
import { scripted } from '../script.ts';
import type { SimulatedJob, World } from '../world.ts';
import { tiroDialect } from './dialect.ts';
import { tiroProcessingMs } from './processing-time.ts';

const uploadLifetimeMs = 60 * 60 * 1000;
const maxSizeBytes = 500 * 1024 * 1024;
/** How much of the whole time a job waits in UPLOADED. */
const queuedShare = 0.1;

/** A voice-file job. */
export interface TiroJob {
  id: string;
  createdAt: number;
  uploadUri: string;
  transcriptLocaleHints: string[];
  translationLocales: string[];
  durationSeconds?: number;
  /** What lay in storage when upload-complete was taken. */
  media?: MediaBytes;
  /** When upload-complete was taken; times in milliseconds since the epoch. */
  startedAt?: number;
}

/** All voice-file jobs; a job's status follows from the clock at the time of asking. */
export class TiroJobs {
  readonly #world: World;
  readonly #jobs = new Map<string, TiroJob>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Creates a job and the presigned URL for its file. */
  create(origin: string, locales: Pick<TiroJob, 'transcriptLocaleHints' | 'translationLocales'>): TiroJob {
    const id = randomUUID();
    this.#world.plans.assign('tiro', id);
    const { url } = this.#world.presignedUrls.issue(origin, {
      provider: 'tiro',
      operation: 'tiro.storage-put',
      method: 'PUT',
      key: `voice-files/${id}`,
      lifetimeMs: uploadLifetimeMs,
      jobId: id,
      maxSizeBytes,
      onStored: async (object, bytes) => {
        job.durationSeconds = await mediaDurationSeconds(bytes, object.contentType);
      },
    });
    const job: TiroJob = { id, createdAt: this.#world.clock.now(), uploadUri: url, ...locales };
    this.#jobs.set(id, job);
    this.#world.calls.countJob('tiro');
    return job;
  }

  /** Begins the work on what lies in storage; a repeat changes nothing. Throws a RefusalError with 409 where nothing does. */
  start(job: TiroJob): void {
    const [media] = this.#held(job.id);
    if (!media)
      throw new RefusalError({ status: 409, body: tiroDialect.errorBody(409, 'The file has not been uploaded') });
    job.media ??= media;
    job.startedAt ??= this.#world.clock.now();
  }

  /** The job of this id; throws a RefusalError with 404. */
  get(id: string): TiroJob {
    const job = this.#jobs.get(id);
    if (!job) throw new RefusalError({ status: 404, body: tiroDialect.errorBody(404, 'Voice file job not found') });
    return job;
  }

  /** The job as its status document tells it; `poll` counts this as an answer of the plan's script. */
  document(job: TiroJob, poll: boolean): Record<string, unknown> {
    const { plans, clock } = this.#world;
    const plan = plans.of('tiro', job.id);
    const step = plans.step({ script: plan.script, resourceId: job.id, since: job.createdAt, poll });
    const times = this.#times(job);
    const now = clock.now();
    const ended = times !== undefined && now >= times.endedAt;
    const processing = times !== undefined && now >= times.processingAt;
    const end = plan.outcome === 'failed' ? 'FAILED' : 'COMPLETED';
    const natural = ended ? end : processing ? 'PROCESSING' : times ? 'UPLOADED' : 'CREATED';
    const status = step?.status ?? natural;
    const failure = plan.message === undefined ? 'The audio could not be processed' : plan.message;
    const body = {
      id: job.id,
      status,
      fileUploadedAt: job.startedAt === undefined ? null : timestamp(job.startedAt),
      processStartedAt: processing ? timestamp(times.processingAt) : null,
      processCompletedAt: ended && status === 'COMPLETED' ? timestamp(times.endedAt) : null,
      errorMessage: status === 'FAILED' ? failure : null,
    };
    return scripted(body, step);
  }

  /** Every job with its status now. */
  list(): SimulatedJob[] {
    return [...this.#jobs.values()].map((job) => ({
      provider: 'tiro',
      resource: 'voice-file-job',
      id: job.id,
      status: String(this.document(job, false)['status']),
      createdAt: job.createdAt,
      media: this.#held(job.id),
      orphan: job.startedAt === undefined,
      filenames: [],
    }));
  }

  #held(id: string): MediaBytes[] {
    const object = this.#world.storage.object('tiro', `voice-files/${id}`);
    return object ? [mediaOf(object)] : [];
  }

  #times(job: TiroJob) {
    if (job.startedAt === undefined) return undefined;
    const { plans, clock } = this.#world;
    const totalMs = plans.of('tiro', job.id).durationMs ?? tiroProcessingMs(job.durationSeconds ?? 0);
    return {
      processingAt: clock.after(job.startedAt, totalMs * queuedShare),
      endedAt: clock.after(job.startedAt, totalMs),
    };
  }
}
