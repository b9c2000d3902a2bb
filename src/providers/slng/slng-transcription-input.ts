import { z } from 'zod';
import { freeJson } from '../free-json.ts';
import { jobOptions, mediaOptions, sourceUri } from '../job-options.ts';
import type { Lifecycle } from '../provider.ts';
import { estimateProcessingTime } from './processing-time.ts';

const transcriptionConfig = z.strictObject({
  language: z.string().min(1).default('en'),
  operating_point: z.enum(['standard', 'enhanced']).default('standard'),
  diarization: z.enum(['none', 'speaker', 'channel']).default('none'),
  domain: z.string().min(1).optional(),
  output_locale: z.string().min(1).optional(),
  enable_entities: z.boolean().optional(),
  additional_vocab: z
    .array(z.strictObject({ content: z.string().min(1), sounds_like: z.array(z.string().min(1)).optional() }))
    .default([]),
});

const tracking = z.strictObject({
  title: z.string().optional(),
  reference: z.string().optional(),
  tags: z.array(z.string()).optional(),
  details: freeJson.optional(),
});

const outputConfig = z.strictObject({
  srt_overrides: z
    .strictObject({ max_line_length: z.int().positive().optional(), max_lines: z.int().positive().optional() })
    .optional(),
});

const slngJobOptions = z.strictObject({
  transcription_config: transcriptionConfig.prefault({}),
  model_code: z.string().min(1).optional(),
  metadata: z.record(z.string(), freeJson).optional(),
  tracking: tracking.optional(),
  output_config: outputConfig.optional(),
});

/** What SLNG is told about a job besides its media; the vendor's names, and its defaults where nothing is said. */
export type SlngJobOptions = z.input<typeof slngJobOptions>;

/** Input of the `slngTranscription` workflow; option names are the vendor's, save `sendAs` and `deleteAfterCollect`. */
export const slngTranscriptionInput = z
  .strictObject({
    source: sourceUri,
    ...slngJobOptions.shape,
    /**
     * What SLNG is given: the source's `address`, which it reads itself, or the `bytes`. Where none is given, the
     * address if anybody on the internet can read it as it stands.
     */
    sendAs: z.enum(['address', 'bytes']).optional(),
    /** Deletes the job at SLNG, with its input and results, once the results are in the result store. */
    deleteAfterCollect: z.boolean().default(false),
    ...mediaOptions,
    ...jobOptions,
  })
  .refine(({ source, sendAs }) => sendAs !== 'address' || /^https:/i.test(source), {
    error: 'SLNG reads https: addresses only; leave it out, or give bytes',
    path: ['sendAs'],
  });

// The deadline is at least that of a long recording.
const longRecordingSeconds = 4 * 3600;

/** From a media file, or the address of one, to its transcript. */
export const slngTranscription = {
  input: slngTranscriptionInput,
  resource: 'batch-job',
  makes: [
    { activity: 'uploadSlngFile', what: 'upload' },
    { activity: 'createSlngJob', what: 'job', isFoundAgain: true },
  ],
  limits: {
    maxBytes: 1_000_000_000,
    // The vendor's list: wav, mp3, flac, aac, ogg, m4a, mp4, amr, mpeg.
    formats: ['wav', 'mp3', 'flac', 'aac', 'ogg', 'ogv', 'm4a', 'mp4', 'amr', 'mpeg'],
  },
  processingTime: (durationSeconds) => (durationSeconds === null ? null : estimateProcessingTime(durationSeconds)),
  defaultDeadlineMs: (durationSeconds) =>
    4 * estimateProcessingTime(Math.max(longRecordingSeconds, durationSeconds ?? 0)).latestMs,
} as const satisfies Lifecycle;
