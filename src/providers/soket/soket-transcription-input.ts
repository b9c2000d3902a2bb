import { z } from 'zod';
import { jobOptions, mediaOptions, sourceUri } from '../job-options.ts';
import type { Lifecycle } from '../provider.ts';

// Ours: the vendor publishes no bound, and each file adds to the one upload request and to the job's history.
const maxFiles = 50;

/** Input of the `soketTranscription` workflow; option names are the vendor's, save `deleteAfterCollect`. */
export const soketTranscriptionInput = z.strictObject({
  /** One file, or several that become one upload and one batch. */
  source: z.union([sourceUri, z.array(sourceUri).min(1).max(maxFiles)]),
  /** Adds tone, accent, speaker and times to the results. */
  speech_information: z.boolean().default(false),
  /** Adds the results of each chunk of a file. */
  chunks: z.boolean().default(false),
  /** Deletes the uploaded files at Soket, with their transcriptions, once the results are in the result store. */
  deleteAfterCollect: z.boolean().default(false),
  ...mediaOptions,
  ...jobOptions,
});

const sixHoursMs = 6 * 3_600_000;

/** From one or several audio files to their transcripts. */
export const soketTranscription = {
  input: soketTranscriptionInput,
  resource: 'batch',
  makes: [
    { activity: 'uploadSoketFiles', what: 'upload', isFoundAgain: true },
    { activity: 'submitSoketBatch', what: 'batch', isPaid: true },
  ],
  limits: { maxFiles },
  // The one published sample is no table; the answer to the submission brings an estimate.
  processingTime: () => null,
  defaultDeadlineMs: () => sixHoursMs,
} as const satisfies Lifecycle;
