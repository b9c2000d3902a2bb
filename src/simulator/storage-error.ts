import type { Answer } from './answer.ts';

/** An error as S3 words it. */
export function storageError(status: number, code: string, message: string): Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, body, headers: { 'content-type': 'application/xml' } };
}
