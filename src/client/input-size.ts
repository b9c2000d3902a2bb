import type { Client } from '@temporalio/client';
import { encodeToPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import prettyBytes from 'pretty-bytes';
import { type InputFault, InvalidInputError } from './invalid-input-error.ts';

/**
 * How large an input may be as it is sent, in bytes. Temporal takes 2 MiB; the activities get the options once more,
 * together with what was found out about the media.
 */
export const mostInputBytes = 1024 * 1024;

/** How many bytes a value has as JSON. */
export function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value ?? null));
}

/** The part that makes a value large: down to where no single part is more than half of it. */
function findLargest(value: unknown, path: string[] = []): { field: string; bytes: number } {
  const bytes = sizeOf(value);
  const parts = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const heavy = parts.find(([, part]) => sizeOf(part) > bytes / 2);
  return heavy === undefined ? { field: path.join('.') || 'input', bytes } : findLargest(heavy[1], [...path, heavy[0]]);
}

/** What is wrong with an input of so many bytes, or of as many as it has in JSON; `null` for one that can be sent. */
export function findSizeFault(input: unknown, bytes = sizeOf(input)): InputFault | null {
  if (bytes <= mostInputBytes) return null;
  const largest = findLargest(input);
  const show = (each: number) => prettyBytes(each, { binary: true });
  const sizes = `it has ${show(bytes)}, ${show(largest.bytes)} of them here`;
  return { field: largest.field, problem: `expected an input of at most ${show(mostInputBytes)}; ${sizes}` };
}

/**
 * Refuses an input that is too large as the client sends it, encrypted where it encrypts.
 * @throws InvalidInputError naming the part that makes it so large.
 */
export async function refuseOversized(client: Client, input: object, under = ''): Promise<void> {
  const payloads = await encodeToPayloads(client.options.loadedDataConverter, input);
  const bytes = (payloads ?? []).reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
  const fault = findSizeFault(input, bytes);
  if (fault !== null) throw new InvalidInputError([{ ...fault, field: under + fault.field }]);
}
