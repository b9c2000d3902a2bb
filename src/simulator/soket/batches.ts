import { randomUUID } from 'node:crypto';
import type { Media } from '../origin.ts';
import { scripted } from '../script.ts';
import type { SimulatedJob, World } from '../world.ts';

/** The vendor's sample: 290 seconds of audio are estimated at 21.7 seconds. */
const estimateRatio = 21.7 / 290;
const minDurationSeconds = 1;
const message = 'the audio could not be transcribed';
/** How much of the whole time passes before the first file is begun. */
const queuedShare = 0.1;

/** One source of a batch. */
export interface SoketSource {
  fileId: string;
  filename: string;
  durationSeconds: number;
  media: Media;
  /** The upload that brought it. */
  uploadId?: string;
}

/** One file's transcription within a batch. */
export interface SoketJob extends SoketSource {
  batchId: string;
  /** Its place in the submission, from 0. */
  position: number;
  removed?: boolean;
}

/** A submission. */
export interface SoketBatch {
  id: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  audioSeconds: number;
  estimateSeconds: number;
  jobs: SoketJob[];
}

/** The transcription batches; files complete one after another over the estimated time. */
export class SoketBatches {
  readonly #world: World;
  readonly #batches = new Map<string, SoketBatch>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Creates a batch; a plan taken by the upload serves it too. */
  create(sources: SoketSource[], uploadId: string | undefined): SoketBatch {
    const id = randomUUID();
    const inherits = uploadId !== undefined && this.#world.plans.inherit('soket', id, uploadId);
    if (!inherits) this.#world.plans.assign('soket', id);
    this.#world.calls.countJob('soket');
    const audioSeconds = sources.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
    const batch: SoketBatch = {
      id,
      createdAt: this.#world.clock.now(),
      audioSeconds: Math.round(audioSeconds * 10) / 10,
      estimateSeconds: Math.max(minDurationSeconds, Math.round(audioSeconds * estimateRatio * 10) / 10),
      jobs: sources.map((source, position) => ({ ...source, batchId: id, position })),
    };
    this.#batches.set(id, batch);
    return batch;
  }

  /** The batch of this id. */
  batch(id: string): SoketBatch | undefined {
    return this.#batches.get(id);
  }

  /** The latest transcription of a file. */
  jobOf(fileId: string): SoketJob | undefined {
    return [...this.#batches.values()]
      .reverse()
      .flatMap(({ jobs }) => jobs)
      .find((job) => job.fileId === fileId && job.removed !== true);
  }

  /** Removes a file's transcriptions and tells how many there were. */
  removeJobsOf(fileId: string): number {
    const jobs = [...this.#batches.values()].flatMap((batch) => batch.jobs);
    const removed = jobs.filter((job) => job.fileId === fileId && job.removed !== true);
    for (const job of removed) job.removed = true;
    return removed.length;
  }

  /** Where a transcription is now. */
  jobStatus(job: SoketJob): 'queued' | 'processing' | 'completed' | 'failed' {
    const { clock, plans } = this.#world;
    const batch = this.#batches.get(job.batchId);
    if (!batch) return 'queued';
    const plan = plans.of('soket', job.batchId);
    const totalMs = plan.durationMs ?? batch.estimateSeconds * 1000;
    const now = clock.now();
    if (now < clock.after(batch.createdAt, totalMs * queuedShare)) return 'queued';
    if (now < clock.after(batch.createdAt, (totalMs * (job.position + 1)) / batch.jobs.length)) return 'processing';
    const { failedFiles = [] } = plan;
    return failedFiles === 'all' || failedFiles.includes(job.position) ? 'failed' : 'completed';
  }

  /** What went wrong with the failed files of a batch. */
  failureMessage(batchId: string): string {
    return this.#world.plans.of('soket', batchId).message ?? message;
  }

  /** A batch as its status document tells it; `poll` counts this as an answer of the plan's script. */
  document(batch: SoketBatch, poll: boolean): Record<string, unknown> {
    const { plans } = this.#world;
    const plan = plans.of('soket', batch.id);
    const jobs = batch.jobs.filter(({ removed }) => removed !== true);
    const counts = { queued: 0, processing: 0, completed: 0, failed: 0 };
    for (const job of jobs) counts[this.jobStatus(job)] += 1;
    const body = {
      batch_id: batch.id,
      total_files: jobs.length,
      files_completed: counts.completed,
      files_failed: counts.failed,
      estimated_audio_seconds: batch.audioSeconds,
      estimated_completion_seconds: batch.estimateSeconds,
      status: counts.queued + counts.processing > 0 ? 'processing' : 'completed',
      ...(plan.developmentFields === true ? developmentFields(jobs.length, counts) : {}),
    };
    return scripted(body, plans.step({ script: plan.script, resourceId: batch.id, since: batch.createdAt, poll }));
  }

  /** Every batch with its status now. */
  list(): SimulatedJob[] {
    return [...this.#batches.values()].map((batch) => ({
      provider: 'soket',
      resource: 'batch',
      id: batch.id,
      status: String(this.document(batch, false)['status']),
      createdAt: batch.createdAt,
      // Its files are held by their upload.
      media: [],
      orphan: false,
      filenames: batch.jobs.map(({ filename }) => filename),
    }));
  }
}

function developmentFields(total: number, counts: Record<'queued' | 'processing' | 'completed' | 'failed', number>) {
  return {
    total_jobs: total,
    completed_jobs: counts.completed,
    failed_jobs: counts.failed,
    processing_jobs: counts.processing,
    queued_jobs: counts.queued,
    files_processing: counts.processing,
  };
}
