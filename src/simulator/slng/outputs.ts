import { originFields } from '../origin.ts';
import { transcriptSegments, transcriptText } from '../transcript.ts';
import type { Recording } from '../transcript.ts';
import type { World } from '../world.ts';
import type { SlngJob } from './job.ts';

const linkLifetimeMs = 60 * 60 * 1000;
const bucket = 's3://slng-batch';

const outputs = {
  json: { contentType: 'application/json', render: json },
  txt: { contentType: 'text/plain; charset=utf-8', render: transcriptText },
  srt: { contentType: 'application/x-subrip', render: srt },
};

/** The answer of the files operation with fresh download links; a job that is not done has no outputs yet. */
export function outputGrants(world: World, origin: string, job: SlngJob, done: boolean): Record<string, unknown> {
  const { input } = job;
  const inputs = input ? [{ key: input.key, ...link(world, origin, job, input.key) }] : [];
  if (!input || !done) return { job_id: job.id, inputs, outputs: [] };
  const recording = { ...input, ids: { job_id: job.id, s3_key: input.key } };
  const made = Object.entries(outputs).map(([format, { contentType, render }]) => {
    const key = `outputs/${job.id}/transcript.${format}`;
    return { format, key, ...link(world, origin, job, key, () => ({ body: render(recording), contentType })) };
  });
  return { job_id: job.id, inputs, outputs: made };
}

function link(
  world: World,
  origin: string,
  job: SlngJob,
  key: string,
  content?: () => { body: string; contentType: string },
) {
  const { url } = world.presignedUrls.issue(origin, {
    provider: 'slng',
    operation: 'slng.storage-get',
    method: 'GET',
    key,
    lifetimeMs: linkLifetimeMs,
    jobId: job.id,
    ...(content ? { content } : {}),
  });
  return { s3_uri: `${bucket}/${key}`, download_url: url };
}

function json(recording: Recording): string {
  const results = transcriptSegments(recording).map(({ startMs, endMs, text, speaker }) => ({
    type: 'word',
    start_time: startMs / 1000,
    end_time: endMs / 1000,
    alternatives: [{ content: text, confidence: 0.98, language: 'en', speaker }],
  }));
  return JSON.stringify({ format: '2.9', metadata: { type: 'transcription' }, results, ...originFields(recording) });
}

function srt(recording: Recording): string {
  return transcriptSegments(recording)
    .map(
      ({ startMs, endMs, text }, index) => `${String(index + 1)}\n${srtTime(startMs)} --> ${srtTime(endMs)}\n${text}\n`,
    )
    .join('\n');
}

function srtTime(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23).replace('.', ',');
}
