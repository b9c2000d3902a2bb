import { RefusalError } from '../answer.ts';
import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import { originFields, originSentence } from '../origin.ts';
import type { Media } from '../origin.ts';
import { transcriptSegments, transcriptText } from '../transcript.ts';
import type { Recording } from '../transcript.ts';
import { tiroDialect } from './dialect.ts';
import type { TiroJob, TiroJobs } from './jobs.ts';

/** A job whose results may be read. */
export type CompletedTiroJob = TiroJob & Recording & { media: Media };

/** The job that a request for a result names; throws a RefusalError with 404 unless it is completed. */
export function completedJob(jobs: TiroJobs, call: Call): CompletedTiroJob {
  const job = jobs.get(call.parameter('jobId'));
  const { id, media, durationSeconds = 0 } = job;
  if (jobs.document(job, false)['status'] !== 'COMPLETED' || !media) throw notFound('The result is not available');
  return { ...job, media, durationSeconds, ids: { job_id: id } };
}

function notFound(message: string): RefusalError {
  return new RefusalError({ status: 404, body: tiroDialect.errorBody(404, message) });
}

/** The locale of the transcript. */
export function spokenLocale(job: CompletedTiroJob): string {
  return job.transcriptLocaleHints[0] ?? 'en_US';
}

/** The transcript with its segments. */
export function transcript(job: CompletedTiroJob) {
  const segments = transcriptSegments(job).map(({ startMs, endMs, text, speaker }) => ({
    startTimeMillis: startMs,
    endTimeMillis: endMs,
    text,
    speakerLabel: speaker,
  }));
  const text = transcriptText(job);
  return { jobId: job.id, locale: spokenLocale(job), text, segments, ...originFields(job) };
}

/** The translation into one locale; throws a RefusalError with 404 where it was not asked for. */
export function translation(job: CompletedTiroJob, wanted: string) {
  if (!job.translationLocales.includes(wanted)) throw notFound('Translation not found');
  return { jobId: job.id, locale: wanted, text: `[${wanted}] ${transcriptText(job)}`, ...originFields(job) };
}

/** All translations. */
export function translations(job: CompletedTiroJob): Answer {
  const content = job.translationLocales.map((wanted) => translation(job, wanted));
  return { status: 200, body: { content, nextCursor: null } };
}

/** The summary of a transcript or translation. */
export function summary(job: CompletedTiroJob, wanted: string) {
  const length = `A recording of ${String(Math.round(job.durationSeconds))} seconds.`;
  const content = `## Summary\n\n- ${length}\n- ${originSentence(job)}\n`;
  return { jobId: job.id, locale: wanted, summary: { type: 'text/markdown', content }, ...originFields(job) };
}
