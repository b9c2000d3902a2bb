import { z } from 'zod';
import type { Answer } from '../answer.ts';
import { InvalidRequestError } from '../call.ts';
import type { Call } from '../call.ts';
import { mediaDurationSeconds } from '../media-duration.ts';
import { mediaOf } from '../origin.ts';
import type { ReceivedBytes } from '../received-bytes.ts';
import { keySafe } from '../storage.ts';
import type { World } from '../world.ts';
import { accepted, createJob, maxInputSizeBytes, refused, sharedFields } from './request.ts';
import type { SlngJobs } from './jobs.ts';

const jsonParts = ['transcription_config', 'tracking', 'output_config', 'metadata'];
const formFields = z.object(sharedFields);

/** Creates a job from a multipart form with `file`, `transcription_config` and the optional fields. */
export async function createFromForm(world: World, jobs: SlngJobs, call: Call): Promise<Answer> {
  const values: Record<string, unknown> = {};
  let file: { bytes: ReceivedBytes; mediaType: string; filename: string } | undefined;
  for await (const part of call.request.parts()) {
    if (part.type === 'file' && part.fieldname === 'file') {
      file = { bytes: await call.receive(part.file), mediaType: part.mimetype, filename: part.filename };
    } else {
      const text = part.type === 'file' ? (await part.toBuffer()).toString('utf8') : part.value;
      values[part.fieldname] = text;
    }
  }
  if (!file) throw new InvalidRequestError('file is required');
  if (file.bytes.sizeBytes > maxInputSizeBytes) throw refused(413, 'the file is larger than 1 GB');
  for (const name of jsonParts) if (name in values) values[name] = parsed(name, values[name]);
  const fields = formFields.safeParse(values);
  if (!fields.success) throw new InvalidRequestError(fields.error.issues[0]?.path.join('.') ?? 'invalid form');
  const job = createJob(jobs, call, fields.data);
  const { bytes, mediaType, filename } = file;
  const key = `inputs/${job.id}/${keySafe(filename)}`;
  world.storage.put({ provider: 'slng', key, contentType: mediaType, jobId: job.id, bytes });
  const durationSeconds = await mediaDurationSeconds(bytes, mediaType);
  const media = mediaOf(bytes);
  jobs.arrived(job, { key, media, durationSeconds, mediaType, source: 'upload' });
  return accepted(job);
}

/** A JSON part arrives as text, or already parsed where its part names its type. */
function parsed(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    throw new InvalidRequestError(`${name} is not valid JSON`);
  }
}
