import type { IncomingHttpHeaders } from 'undici/types/header.js';
import { ZodError } from 'zod';
import type { Provider } from '../provider.ts';
import { kindOfStatus, ProviderError, type ProviderErrorKind } from './provider-error.ts';
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

// An id that is written as a number may have more digits than a number keeps.
const longId = /("\w*id"\s*:\s*)(\d{16,})(?=\s*[,}])/gi;

// Python writes them, and no JSON has them; what stands in quotes is kept.
const noNumber = /("(?:[^"\\]|\\.)*")|-?\b(?:NaN|Infinity)\b/g;

/** Parses JSON as providers write it; `undefined` where it is none. */
export function parseJson(text: string): unknown {
  const withIds = text.replace(/^\uFEFF/, '').replaceAll(longId, '$1"$2"');
  try {
    return JSON.parse(withIds);
  } catch {
    try {
      return JSON.parse(withIds.replaceAll(noNumber, (_all, quoted: string | undefined) => quoted ?? 'null'));
    } catch {
      return undefined;
    }
  }
}

function kindOf({ errorCodes = {} }: Provider, code: string | undefined, status: number): ProviderErrorKind {
  const known = code !== undefined && status < 500 && Object.hasOwn(errorCodes, code) ? errorCodes[code] : undefined;
  return known ?? kindOfStatus(status);
}

/** Makes the error of an answer that is no 2xx, in the provider's own words as far as it has some. */
export function toRefusal({ provider, key }: Asker, operation: string, answer: ProviderAnswer): ProviderError {
  const body = parseJson(answer.text);
  const words = provider.readError(body);
  const location = typeof answer.headers.location === 'string' ? `redirect to ${answer.headers.location}` : undefined;
  const kind = kindOf(provider, words.code, answer.status);
  const retryAfterMs = readRetryAfterMs(answer.headers, kind === 'rate-limited', Date.now());
  return new ProviderError({
    kind,
    operation,
    status: answer.status,
    words: redact(words.message ?? location ?? (answer.text === '' ? 'no body' : answer.text), [key]),
    isInOwnForm: words.code !== undefined || words.message !== undefined,
    ...(words.code === undefined ? {} : { code: redact(words.code, [key]) }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/**
 * Reads the body of a 2xx; a schema that takes anything takes also what is no JSON.
 * @throws ProviderError where it does not fit the schema, which is where an error may hide in it.
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
  try {
    return schema.parse(body);
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    if (body === undefined) throw fault('unexpected-response', `the body is not JSON: ${answer.text}`);
    const hidden = provider.findHiddenError?.(body) ?? null;
    if (hidden !== null) {
      throw fault(hidden.notFound ? 'not-found' : 'unexpected-response', hidden.message ?? 'an error without words');
    }
    const [issue] = error.issues;
    const field = issue?.path.join('.') ?? '';
    throw fault('unexpected-response', `the body has another shape: ${field} ${issue?.message ?? ''}`);
  }
}
