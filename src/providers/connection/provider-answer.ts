import type { IncomingHttpHeaders } from 'undici/types/header.js';
import { ZodError } from 'zod';
import type { Provider } from '../provider.ts';
import { kindOfStatus } from './classify.ts';
import { ProviderError } from './provider-error.ts';
import { redact } from '../../http/redact.ts';
import { readRetryAfterMs } from '../../http/retry-after.ts';

/** An answer as it came, with its whole body. */
export interface ProviderAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** What an answer's JSON body must look like: a zod schema, or anything that throws a `ZodError` like one. */
export interface BodySchema<T> {
  parse(body: unknown): T;
}

/** Whose answer it is, and the key that its words must not repeat. */
interface Asker {
  provider: Provider;
  key: string;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Makes the error of an answer that is no 2xx, in the provider's own words as far as it has some. */
export function toRefusal({ provider, key }: Asker, operation: string, answer: ProviderAnswer): ProviderError {
  const body = parseJson(answer.text);
  const words = provider.readError(body);
  const location = typeof answer.headers.location === 'string' ? `redirect to ${answer.headers.location}` : undefined;
  const retryAfterMs = readRetryAfterMs(answer.headers, Date.now());
  const configuration = words.code !== undefined && provider.configurationCodes?.includes(words.code) === true;
  return new ProviderError({
    kind: configuration ? 'configuration-refused' : kindOfStatus(answer.status),
    operation,
    status: answer.status,
    words: redact(words.message ?? location ?? (answer.text === '' ? 'no body' : answer.text), [key]),
    isInOwnForm: words.code !== undefined || words.message !== undefined,
    ...(words.code === undefined ? {} : { code: redact(words.code, [key]) }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/**
 * Reads the body of a 2xx.
 * @throws ProviderError where it is not JSON, hides an error, or does not fit the schema.
 */
export function checkShape<T>(
  { provider, key }: Asker,
  operation: string,
  answer: ProviderAnswer,
  schema: BodySchema<T>,
): T {
  const body = answer.text === '' ? null : parseJson(answer.text);
  const fault = (kind: 'not-found' | 'unexpected-response', words: string) =>
    new ProviderError({ kind, operation, status: answer.status, words: redact(words, [key]) });
  if (body === undefined) throw fault('unexpected-response', `the body is not JSON: ${answer.text}`);
  const hidden = provider.findHiddenError?.(body) ?? null;
  if (hidden !== null) {
    throw fault(hidden.notFound ? 'not-found' : 'unexpected-response', hidden.message ?? 'an error without words');
  }
  try {
    return schema.parse(body);
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    const [issue] = error.issues;
    const field = issue?.path.join('.') ?? '';
    throw fault('unexpected-response', `the body has another shape: ${field} ${issue?.message ?? ''}`);
  }
}
