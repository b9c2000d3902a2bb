import fc from 'fast-check';
import { providers } from '../../src/providers/registry.ts';
import type { Provider, Resource } from '../../src/providers/provider.ts';

/** Every resource that can be asked for its status, also those that only a lifecycle waits for. */
export const everyResource = Object.entries<Provider>(providers).flatMap(([name, { resources, stepResources }]) =>
  Object.entries<Resource>({ ...resources, ...stepResources }).map(([short, resource]) => ({ name, short, resource })),
);

const fields = [
  ...[
    'id',
    '_id',
    'job_id',
    'status',
    'error',
    'errors',
    'message',
    'errorMessage',
    'error_message',
    'uploaded_chunks',
  ],
  ...['total_files', 'completed', 'failed', 'uploading', 'pending', 'files_completed', 'files_failed', 'expired_at'],
  ...['files_processing', 'processing_jobs', 'estimated_completion_seconds', 'input_metadata', 'duration_seconds'],
  ...['chunks_completed', 'chunks_failed', 'chunks_pending', 'uploaded_size', 'created_at', 'processStartedAt'],
  ...['started_at', 'fileUploadedAt', '__proto__', 'constructor', 'toString', 'index'],
];

const words = [
  ...everyResource.flatMap(({ resource }) => Object.keys(resource.statuses)),
  ...[
    '',
    'done',
    'COMPLETED ',
    'ｄｏｎｅ',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    '0',
    'null',
    '\ud800',
    '\u0000',
  ],
  ...['2026-11-22T00:00:00Z', '0001-01-01T00:00:00Z', 'never 1', '<script>', '../..', 'x'.repeat(5000)],
];

const numbers = [0, 1, 2, -1, 0.5, 1e21, 1e308, -1e308, Number.MAX_SAFE_INTEGER, 5e-324];

/** JSON as a provider gone wrong may write it: known fields and words in the wrong places, odd numbers and texts. */
export const anyJson = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, false, ...numbers),
    fc.constantFrom(...words),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary(fc.oneof(fc.constantFrom(...fields), fc.string({ maxLength: 5 })), tie('value'), {
    maxKeys: 8,
  }),
}));

const number = fc.constantFrom(...numbers);

// Where the right types stand at the right names more often than chance would have it.
const nearlyRight = fc.record(
  {
    ...Object.fromEntries(
      fields
        .filter((field) => /^(files?_|total|chunks_|uploaded_size|estimated|completed|failed|pend|upl)/.test(field))
        .map((field) => [field, number] as const),
    ),
    uploaded_chunks: fc.constantFrom(null, []),
    input_metadata: fc.record({ duration_seconds: number }),
    expired_at: fc.oneof(fc.constantFrom(...words), fc.string()),
  },
  { requiredKeys: [] },
);

/** A body that names what every resource needs, whatever else it holds, so that it is read rather than refused. */
export const anyJob = fc
  .tuple(fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary' })), fc.oneof(anyJson.object, nearlyRight))
  .map(([status, more]) => ({ ...(more as object), id: 'a', job_id: 'a', status }));
