import { z } from 'zod';
import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import type { Identity } from '../endpoint.ts';
import { mediaDurationSeconds } from '../media-duration.ts';
import { mediaOf } from '../origin.ts';
import { keySafe } from '../storage.ts';
import type { World } from '../world.ts';
import { createFromForm } from './form.ts';
import { fetchInput, isAllowedInputUrl } from './input-url.ts';
import type { SlngJob } from './job.ts';
import type { SlngJobs } from './jobs.ts';
import { accepted, createJob, maxInputSizeBytes, newJobId, refused, sharedFields } from './request.ts';

const uploadLifetimeMs = 30 * 60 * 1000;
const bucket = 's3://slng-batch';
const presignBody = z.object({
  ...sharedFields,
  mode: z.literal('presign'),
  filename: z.string().min(1),
  content_type: z.string().default('application/octet-stream'),
});
const urlBody = z.object({ ...sharedFields, input_url: z.string() });
const keyBody = z.object({ ...sharedFields, s3_key: z.string(), job_id: sharedFields.job_id.unwrap() });

/** The one path of three input modes: form, URL, and presign followed by a create with the key. */
export class SlngCreate {
  readonly #world: World;
  readonly #jobs: SlngJobs;
  /** The job id that each presigned key was issued for. */
  readonly #presigned = new Map<string, string>();
  /** The length in seconds of what was put under each key. */
  readonly #durations = new Map<string, number>();

  constructor(world: World, jobs: SlngJobs) {
    this.#world = world;
    this.#jobs = jobs;
  }

  /** Tells presign from create, which share their path. */
  async identify(call: Call): Promise<Identity> {
    if (call.request.isMultipart()) return { operation: 'slng.create' };
    const body = (await call.json()) as { mode?: unknown; job_id?: unknown } | null;
    const operation = body?.mode === 'presign' ? 'slng.presign' : 'slng.create';
    return { operation, ...(typeof body?.job_id === 'string' ? { jobId: body.job_id } : {}) };
  }

  async handle(call: Call): Promise<Answer> {
    if (call.request.isMultipart()) return await createFromForm(this.#world, this.#jobs, call);
    if (call.record.operation === 'slng.presign') return await this.#presign(call);
    const body = (await call.json()) as Record<string, unknown> | null;
    return body?.['s3_key'] === undefined ? await this.#createFromUrl(call) : await this.#createFromKey(call);
  }

  async #presign(call: Call): Promise<Answer> {
    const body = await call.body(presignBody);
    const id = body.job_id ?? newJobId();
    const key = `inputs/${id}/${keySafe(body.filename)}`;
    const headers = { 'Content-Type': body.content_type };
    const { url } = this.#world.presignedUrls.issue(call.origin, {
      provider: 'slng',
      operation: 'slng.storage-put',
      method: 'PUT',
      key,
      lifetimeMs: uploadLifetimeMs,
      jobId: id,
      demandedHeaders: headers,
      maxSizeBytes: maxInputSizeBytes,
      onStored: async (object, bytes) => {
        this.#durations.set(key, await mediaDurationSeconds(bytes, object.contentType));
      },
    });
    this.#presigned.set(key, id);
    const expiresIn = Math.round(uploadLifetimeMs / this.#world.clock.timeScale / 1000);
    const upload = { url, s3_key: key, s3_uri: `${bucket}/${key}`, expires_in: expiresIn, headers };
    const { transcription_config, tracking, output_config } = body;
    const echoed = { transcription_config, tracking, output_config };
    call.record.jobId = id;
    return {
      status: 200,
      body: {
        job_id: id,
        ...echoed,
        input_s3_uri: upload.s3_uri,
        output_s3_prefix: `${bucket}/outputs/${id}/`,
        upload,
      },
    };
  }

  async #createFromUrl(call: Call): Promise<Answer> {
    const body = await call.body(urlBody);
    if (!isAllowedInputUrl(body.input_url)) throw refused(400, 'input_url must be an HTTPS URL');
    const job = createJob(this.#jobs, call, body);
    // The answer does not wait: a URL that cannot be read is the job's failure, not the request's.
    if (!job.input) void this.#fetchInput(job, body.input_url);
    return accepted(job);
  }

  async #createFromKey(call: Call): Promise<Answer> {
    const body = await call.body(keyBody);
    if (this.#presigned.get(body.s3_key) !== body.job_id) throw refused(400, 's3_key does not belong to job_id');
    const object = this.#world.storage.object('slng', body.s3_key);
    if (!object) throw refused(400, 'nothing was uploaded to s3_key');
    const job = createJob(this.#jobs, call, body);
    const { contentType: mediaType } = object;
    const durationSeconds = this.#durations.get(body.s3_key) ?? 0;
    const media = mediaOf(object);
    this.#jobs.arrived(job, { key: body.s3_key, media, durationSeconds, mediaType, source: 'presigned' });
    return accepted(job);
  }

  async #fetchInput(job: SlngJob, url: string): Promise<void> {
    try {
      const { bytes, mediaType } = await fetchInput(url, this.#world.closing);
      const key = `inputs/${job.id}/input`;
      this.#world.storage.put({ provider: 'slng', key, contentType: mediaType, jobId: job.id, bytes });
      const durationSeconds = await mediaDurationSeconds(bytes, mediaType);
      const media = mediaOf(bytes);
      this.#jobs.arrived(job, { key, media, durationSeconds, mediaType, source: 'url' });
    } catch {
      job.inputError = 'The input URL could not be read';
    }
  }
}
