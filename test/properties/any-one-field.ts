import fc from 'fast-check';

/** Where a field lies in a body. */
export type FieldPath = readonly (string | number)[];

/** Every field of a body, at any depth; rows of lists among them. */
export function fieldsOf(body: unknown, path: FieldPath = []): FieldPath[] {
  if (typeof body !== 'object' || body === null) return [];
  return Object.entries(body as Record<string, unknown>).flatMap(([key, value]) => {
    const at = [...path, Array.isArray(body) ? Number(key) : key];
    return [at, ...fieldsOf(value, at)];
  });
}

const missing = Symbol('missing');

function replace(body: unknown, [key, ...rest]: FieldPath, value: unknown): unknown {
  if (key === undefined) return value;
  const copy = (Array.isArray(body) ? [...(body as unknown[])] : { ...(body as object) }) as Record<
    string | number,
    unknown
  >;
  const replaced = replace(copy[key], rest, value);
  if (replaced !== missing) copy[key] = replaced;
  else if (Array.isArray(copy)) copy.splice(Number(key), 1);
  else return Object.fromEntries(Object.entries(copy).filter(([name]) => name !== key));
  return copy;
}

const anything = fc.oneof(
  fc.constantFrom<unknown>(missing, null, true, false, 0, 7, -1, 0.5, 1e21, 1_795_826_637, 1_795_826_637_423, '', 'x'),
  fc.constantFrom<unknown>([], {}, [null], [[]], { message: null }, { message: 'no' }, ['no', 7], 'x'.repeat(100_000)),
  fc.constantFrom<unknown>('3', '21.7', 'never 1', '2026-11-01T10:00:00', '2026-11-01 10:00:00.5', { code: 7 }),
  fc.jsonValue({ maxDepth: 2 }),
);

/** A body with any one of the fields replaced by anything, or gone. */
export function withOneReplaced(body: unknown, isFree: (path: FieldPath) => boolean): fc.Arbitrary<unknown> {
  const paths = fieldsOf(body).filter(isFree);
  return fc.tuple(fc.constantFrom(...paths), anything).map(([path, value]) => replace(body, path, value));
}
