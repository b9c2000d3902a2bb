// Tiro, voice-file jobs, API v1: https://api-docs.tiro.ooo (read 2026-11).
// Surprises: nothing starts before the upload-complete call; there is no expired status, so an upload that never came
// stays CREATED for ever; a summary or translation may answer 404 before COMPLETED; no list, cancel or delete.
import { z } from 'zod';
import type { Provider } from '../provider.ts';
import { tiroTranscription } from './tiro-transcription-input.ts';
import { voiceFileJob } from './voice-file-job.ts';

const errorSchema = z.object({
  error: z.object({
    // Two pages of the vendor disagree: a six-digit number, or a word.
    code: z.union([z.string(), z.number()]).nullish(),
    errorType: z.string().nullish(),
    message: z.string().nullish(),
  }),
});

/** The service Tiro. */
export const tiro = {
  title: 'Tiro',
  defaultBaseUrl: 'https://api.tiro.ooo',
  authorize: (key) => ({ authorization: `Bearer ${key}` }),
  rateLimit: { requests: 600, perMs: 60_000 },
  resources: { 'voice-file-job': voiceFileJob },
  defaultResource: 'voice-file-job',
  readError(body) {
    const parsed = errorSchema.safeParse(body);
    if (!parsed.success) return {};
    const { code, errorType, message } = parsed.data.error;
    return {
      ...(code === null || code === undefined ? {} : { code: String(code) }),
      ...(message ? { message } : errorType ? { message: errorType } : {}),
    };
  },
  // 403000: the feature is not enabled for the workspace; 403013: the key lacks the permission.
  configurationCodes: ['403000', '403013'],
  lifecycle: tiroTranscription,
} as const satisfies Provider;
