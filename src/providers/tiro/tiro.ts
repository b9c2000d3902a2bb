// Tiro, voice-file jobs, API v1: https://api-docs.tiro.ooo (read 2026-11).
// Surprises: nothing starts before the upload-complete call; there is no expired status, so an upload that never came
// stays CREATED for ever; a summary or translation may answer 404 before COMPLETED; no list, cancel or delete.
import { fieldOf, readErrorWords } from '../lenient.ts';
import type { Provider } from '../provider.ts';
import { tiroTranscription } from './tiro-transcription-input.ts';
import { voiceFileJob } from './voice-file-job.ts';

/** The service Tiro. */
export const tiro = {
  title: 'Tiro',
  defaultBaseUrl: 'https://api.tiro.ooo',
  authorize: (key) => ({ authorization: `Bearer ${key}` }),
  rateLimit: { requests: 600, perMs: 60_000 },
  resources: { 'voice-file-job': voiceFileJob },
  defaultResource: 'voice-file-job',
  // Two pages of the vendor disagree about the code: a six-digit number, or a word.
  readError: (body) => readErrorWords(fieldOf(body, 'error')),
  // 403000: the feature is not enabled for the workspace; 403013: the key lacks the permission.
  errorCodes: { 403000: 'configuration-refused', 403013: 'configuration-refused' },
  lifecycle: tiroTranscription,
} as const satisfies Provider;
