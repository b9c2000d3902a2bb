import { RefusalError } from '../answer.ts';
import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import { transcriptSegments, transcriptText } from '../transcript.ts';
import { tiroDialect } from './dialect.ts';
import type { TiroJob, TiroJobs } from './jobs.ts';

/** The job that a request for a result names; throws a RefusalError with 404 unless it is completed. */
export function completedJob(jobs: TiroJobs, call: Call): TiroJob {
  const job = jobs.get(call.parameter('jobId'));
  if (jobs.document(job, false)['status'] !== 'COMPLETED') throw notFound('The result is not available');
  return job;
}

function notFound(message: string): RefusalError {
  return new RefusalError({ status: 404, body: tiroDialect.errorBody(404, message) });
}

/** The locale of the transcript. */
export function spokenLocale(job: TiroJob): string {
  return job.transcriptLocaleHints[0] ?? 'en_US';
}

/** The transcript with its segments. */
export function transcript(job: TiroJob) {
  const segments = transcriptSegments(job.durationSeconds ?? 0).map(({ startMs, endMs, text, speaker }) => ({
    startTimeMillis: startMs,
    endTimeMillis: endMs,
    text,
    speakerLabel: speaker,
  }));
  const text = transcriptText(job.durationSeconds ?? 0);
  return { jobId: job.id, locale: spokenLocale(job), text, segments };
}

/** The translation into one locale; throws a RefusalError with 404 where it was not asked for. */
export function translation(job: TiroJob, wanted: string) {
  if (!job.translationLocales.includes(wanted)) throw notFound('Translation not found');
  return { jobId: job.id, locale: wanted, text: `[${wanted}] ${transcriptText(job.durationSeconds ?? 0)}` };
}

/** All translations. */
export function translations(job: TiroJob): Answer {
  const content = job.translationLocales.map((wanted) => translation(job, wanted));
  return { status: 200, body: { content, nextCursor: null } };
}

/** The summary of a transcript or translation. */
export function summary(job: TiroJob, wanted: string) {
  const content = `## Summary\n\n- A recording of ${String(Math.round(job.durationSeconds ?? 0))} seconds.\n`;
  return { jobId: job.id, locale: wanted, summary: { type: 'text/markdown', content } };
}
