// SLNG, Batch API v1: https://docs.slng.ai (read 2026-11).
// Surprises: one path creates and presigns, and only the code tells which (202 a job, 200 none yet); the caller may
// choose the job id; a refused key is 403 on one page and 401 on another; DELETE answers DELETED before it is done.
import type { Provider } from '../provider.ts';
import { fieldOf, readErrorWords } from '../lenient.ts';
import { batchJob } from './batch-job.ts';
import { slngTranscription } from './slng-transcription-input.ts';

/** The service SLNG. */
export const slng = {
  title: 'SLNG',
  defaultBaseUrl: 'https://api.batch.slng.ai',
  authorize: (key) => ({ authorization: `Bearer ${key}` }),
  resources: { 'batch-job': batchJob },
  defaultResource: 'batch-job',
  readError: (body) => readErrorWords(fieldOf(body, 'error')),
  lifecycle: slngTranscription,
  cleans: { retention: 'the job with its input and results' },
} as const satisfies Provider;
