// Soket (TensorStudio, Dhrith ASR), batch transcription: https://docs.tensorstudio.ai (read 2026-11).
// Surprises: an error may come as `{ "error": … }` with HTTP 200; the status words of uploads and batches are not
// published in full, so only counters decide; a batch has no idempotency key and cannot be listed; no timestamps.
import { fieldOf, readErrorWords } from '../lenient.ts';
import type { Provider } from '../provider.ts';
import { soketBatch } from './soket-batch.ts';
import { soketFile } from './soket-file.ts';
import { soketTranscription } from './soket-transcription-input.ts';
import { soketUpload } from './soket-upload.ts';

const readError = (body: unknown) => readErrorWords(fieldOf(body, 'error'));

/** The service Soket. */
export const soket = {
  title: 'Soket',
  defaultBaseUrl: 'https://api.soket.ai/transcribe',
  authorize: (key) => ({ authorization: `Bearer ${key}` }),
  resources: { upload: soketUpload, batch: soketBatch },
  stepResources: { file: soketFile },
  defaultResource: 'upload',
  readError,
  findHiddenError(body) {
    const { message } = readError(body);
    return message === undefined ? null : { message, notFound: /not found/i.test(message) };
  },
  lifecycle: soketTranscription,
  cleans: { sweep: 'uploads without a batch', retention: 'the uploaded files with their transcriptions' },
} as const satisfies Provider;
