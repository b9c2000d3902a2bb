// Soket (TensorStudio, Dhrith ASR), batch transcription: https://docs.tensorstudio.ai (read 2026-11).
// Surprises: an error may come as `{ "error": … }` with HTTP 200; the status words of uploads and batches are not
// published in full, so only counters decide; a batch has no idempotency key and cannot be listed; no timestamps.
import { z } from 'zod';
import type { Provider } from '../provider.ts';
import { soketBatch } from './soket-batch.ts';
import { soketFile } from './soket-file.ts';
import { soketTranscription } from './soket-transcription-input.ts';
import { soketUpload } from './soket-upload.ts';

const errorSchema = z.object({ error: z.string().min(1) });
const hiddenErrorSchema = errorSchema.extend({ status: z.number().nullish() });

/** The service Soket. */
export const soket = {
  title: 'Soket',
  defaultBaseUrl: 'https://api.soket.ai/transcribe',
  authorize: (key) => ({ authorization: `Bearer ${key}` }),
  resources: { upload: soketUpload, batch: soketBatch },
  stepResources: { file: soketFile },
  defaultResource: 'upload',
  readError(body) {
    const parsed = errorSchema.safeParse(body);
    return parsed.success ? { message: parsed.data.error } : {};
  },
  // A document with a status word of its own is about the job, whatever else it holds.
  findHiddenError(body) {
    const parsed = hiddenErrorSchema.safeParse(body);
    if (!parsed.success) return null;
    const { error } = parsed.data;
    return { message: error, notFound: /not found/i.test(error) };
  },
  lifecycle: soketTranscription,
} as const satisfies Provider;
