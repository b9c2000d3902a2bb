import { createHash } from 'node:crypto';

/** A short hash of each field of an input, kept in the memo to tell whether the same key came with other input. */
export type InputFingerprint = Record<string, string>;

/** The memo's field that holds the fingerprint. */
export const fingerprintMemo = 'inputFingerprint';

/** JSON with the keys of every object in order, so that equal values are equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Makes the fingerprint of an input; fields that are `undefined` count as absent. */
export function fingerprintInput(input: object): InputFingerprint {
  return Object.fromEntries(
    Object.entries(input)
      .filter(([, value]) => value !== undefined)
      .map(([field, value]) => [field, createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16)]),
  );
}

/** The fields in which two inputs differ, in alphabetical order. */
export function differingFields(one: InputFingerprint, other: InputFingerprint): string[] {
  const fields = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...fields].filter((field) => one[field] !== other[field]).sort();
}
