import { z } from 'zod';
import { jobOptions, sourceUri } from '../job-options.ts';
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
  details: z.json().optional(),
});

const outputConfig = z.strictObject({
  srt_overrides: z
    .strictObject({ max_line_length: z.int().positive().optional(), max_lines: z.int().positive().optional() })
    .optional(),
});

const slngJobOptions = z.strictObject({
  transcription_config: transcriptionConfig.prefault({}),
  model_code: z.string().min(1).optional(),
  metadata: z.record(z.string(), z.json()).optional(),
  tracking: tracking.optional(),
  output_config: outputConfig.optional(),
});

/** What SLNG is told about a job besides its media; the vendor's names, and its defaults where nothing is said. */
export type SlngJobOptions = z.input<typeof slngJobOptions>;

/** Input of the `slngTranscription` workflow; option names are the vendor's, save `deleteAfterCollect`. */
export const slngTranscriptionInput = z.strictObject({
  source: sourceUri,
  ...slngJobOptions.shape,
  /** Deletes the job at SLNG, with its input and results, once the results are in the result store. */
  deleteAfterCollect: z.boolean().default(false),
  ...jobOptions,
});

const halfAnHourMs = 30 * 60_000;
// Where the length is unknown the deadline is that of a long recording.
const longRecordingSeconds = 4 * 3600;

/** From a media file, or the address of one, to its transcript. */
export const slngTranscription = {
  input: slngTranscriptionInput,
  resource: 'batch-job',
  limits: {
    maxBytes: 1_000_000_000,
    // The vendor's list (wav, mp3, flac, aac, ogg, m4a, mp4, amr, mpeg) as the media types that such files go by.
    mediaTypes: [
      'audio/wav',
      'audio/x-wav',
      'audio/wave',
      'audio/vnd.wave',
      'audio/mpeg',
      'audio/mp3',
      'audio/flac',
      'audio/x-flac',
      'audio/aac',
      'audio/x-aac',
      'audio/ogg',
      'application/ogg',
      'video/ogg',
      'audio/mp4',
      'audio/m4a',
      'audio/x-m4a',
      'video/mp4',
      'audio/amr',
      'video/mpeg',
    ],
  },
  processingTime: (durationSeconds) => (durationSeconds === null ? null : estimateProcessingTime(durationSeconds)),
  defaultDeadlineMs: (durationSeconds) =>
    Math.max(halfAnHourMs, 4 * estimateProcessingTime(durationSeconds ?? longRecordingSeconds).latestMs),
} as const satisfies Lifecycle;
