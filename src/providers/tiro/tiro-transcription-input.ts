import { z } from 'zod';
import { type DurationRow, defaultDeadlineMs, lookUpProcessingTime } from '../duration-table.ts';
import { jobOptions, mediaOptions, setOf, sourceUri } from '../job-options.ts';
import type { Lifecycle } from '../provider.ts';

const locale = z.string().regex(/^[a-z]{2,3}_[A-Z]{2}$/, 'expected a locale such as en_US or ko_KR');

/** Input of the `tiroTranscription` workflow; option names are the vendor's. */
export const tiroTranscriptionInput = z.strictObject({
  source: sourceUri,
  /** The spoken language; detected where none is given. */
  transcriptLocaleHints: z.array(locale).max(1).default([]),
  translationLocales: setOf(z.array(locale).max(5)).default([]),
  /** Needed for keys that are not bound to one workspace. */
  workspaceGuid: z.string().min(1).optional(),
  ...mediaOptions,
  ...jobOptions,
});

// The vendor's table of typical times, on the page of the status endpoint.
const typicalTimes: readonly DurationRow[] = [
  { upToSeconds: 5 * 60, processing: { earliestMs: 45_000, latestMs: 75_000 } },
  { upToSeconds: 20 * 60, processing: { earliestMs: 60_000, latestMs: 180_000 } },
  { upToSeconds: 60 * 60, processing: { earliestMs: 180_000, latestMs: 360_000 } },
  { upToSeconds: 4 * 3600, processing: { earliestMs: 360_000, latestMs: 1_080_000 } },
];

/** From a voice file to transcript, translations and summaries. */
export const tiroTranscription = {
  input: tiroTranscriptionInput,
  resource: 'voice-file-job',
  makes: [{ activity: 'uploadTiroFile', what: 'voice-file job' }],
  limits: {
    maxBytes: 500_000_000,
    // The vendor's tutorial says three hours, its table goes to four: the stricter one.
    maxDurationSeconds: 3 * 3600,
    formats: ['mp3', 'wav', 'm4a', 'mp4'],
  },
  processingTime: (durationSeconds) => lookUpProcessingTime(typicalTimes, durationSeconds),
  defaultDeadlineMs: () => defaultDeadlineMs(typicalTimes),
} as const satisfies Lifecycle;
