import { z } from 'zod';
import { readTimeMs } from '../http/read-time.ts';
import type { ProviderTimestamps } from '../snapshot.ts';
import { opaqueId } from './opaque-id.ts';
import type { ErrorWords } from './provider.ts';

/** A text, or a number for its text. */
export const text = z.union([z.string(), z.number().transform(String)]);

/** An id that a provider gave; some write theirs as numbers. */
export const id = z.union([z.string(), z.int().transform(String)]).pipe(opaqueId);

/** A number, also one that is written as a text. */
export const number = z.union([
  z.number(),
  z
    .string()
    .trim()
    .regex(/^-?\d+(\.\d+)?$/)
    .transform(Number),
]);

/** A whole number above 0. */
export const wholeNumber = number.pipe(z.int().positive());

/** A moment in this century, ISO 8601 with its zone: as it was written where that is what it was. */
export const time = z.union([z.string(), z.number()]).transform((given, context) => {
  const timeMs = readTimeMs(given) ?? NaN;
  if (timeMs >= Date.UTC(2000) && timeMs < Date.UTC(2100)) {
    const isWhole = typeof given === 'string' && /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(given);
    return isWhole ? given : new Date(timeMs).toISOString();
  }
  context.addIssue('expected a time');
  return z.NEVER;
});

/** A field that nobody steers by: of another type it is absent. */
export const optional = <T>(schema: z.ZodType<T>) => schema.optional().catch(undefined);

/** An answer in which nothing matters; but a page of something in front of a provider is no answer of its. */
export const isJson = z.unknown().refine((body) => body !== undefined, { error: 'not JSON' });

/** A list without the rows that are not what they should be. */
export const rows = <T>(row: z.ZodType<T>) =>
  z.array(z.unknown()).transform((all) =>
    all.flatMap((each) => {
      const { success, data } = row.safeParse(each);
      return success ? [data] : [];
    }),
  );

/** Keeps the times that a provider gave and leaves out those that it did not. */
export function keepTimes(given: Record<string, string | undefined>): ProviderTimestamps {
  return Object.fromEntries(Object.entries(given).filter(([, each]) => each !== undefined));
}

/** Headers to send, without those that have no text; each may be a list, as Go writes them. */
export const headers = z.record(z.string(), z.unknown()).transform((given) => {
  const value = z.union([text, z.array(text).transform((all) => all.join(', '))]);
  const read = Object.entries(given).map(([name, each]) => [name, value.safeParse(each).data] as const);
  return Object.fromEntries(read.filter((entry): entry is [string, string] => entry[1] !== undefined));
});

/** A field of what may be an object. */
export function fieldOf(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, name)
    ? (body as Record<string, unknown>)[name]
    : undefined;
}

const wordFields = ['message', 'msg', 'detail', 'error_description', 'description', 'reason', 'errorType', 'error'];
const deepest = 4;

// What can be parsed can be nested more deeply than can be written.
function writeOut(value: object): string {
  try {
    return JSON.stringify(value);
  } catch {
    return 'an error without words';
  }
}

/** Puts an error, a list of them, or whatever else stands in its place into words; `null` where there are none. */
export function readWords(error: unknown, depth = 0): string | null {
  if (typeof error === 'string' || typeof error === 'number') return String(error).trim() || null;
  if (typeof error !== 'object' || error === null || Object.keys(error).length === 0) return null;
  if (depth === deepest) return writeOut(error);
  if (Array.isArray(error)) {
    return error.flatMap((each) => readWords(each, depth + 1) ?? []).join('; ') || null;
  }
  for (const field of wordFields) {
    const words = readWords(fieldOf(error, field), depth + 1);
    if (words !== null) return words;
  }
  return writeOut(error);
}

/** The same for a field of an answer. */
export const words = z
  .unknown()
  .optional()
  .transform((error) => readWords(error));

/** Reads an error of whatever form: its code, and what it says. */
export function readErrorWords(error: unknown): ErrorWords {
  const code = text.safeParse(fieldOf(error, 'code')).data;
  const message = readWords(error);
  return { ...(code ? { code } : {}), ...(message === null ? {} : { message }) };
}
