import { z } from 'zod';
import { canonicalUri } from '../upload/source-uri.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const shapeOf = (schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> =>
  schema instanceof z.ZodObject ? schema.shape : {};

/**
 * The value without each `null` that stands for an optional field, as other languages write what is absent. Any other
 * `null` stays, for the schema to take (in free JSON) or to refuse.
 */
export function withoutNulls(schema: z.core.$ZodType, value: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return value === null ? undefined : withoutNulls(schema.unwrap(), value);
  }
  if (Array.isArray(value)) {
    return schema instanceof z.ZodArray ? value.map((item) => withoutNulls(schema.element, item)) : value;
  }
  if (!isObject(value)) return value;
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const { discriminator } = schema.def;
    const option = schema.options.find((each) => {
      const word = shapeOf(each)[discriminator];
      return word !== undefined && z.safeParse(word, value[discriminator]).success;
    });
    return option === undefined ? value : withoutNulls(option, value);
  }
  if (!(schema instanceof z.ZodObject)) return value;
  const shape = shapeOf(schema);
  const fields = Object.entries(value).map(([key, inner]): [string, unknown] => {
    const field = Object.hasOwn(shape, key) ? shape[key] : undefined;
    return [key, field === undefined ? inner : withoutNulls(field, inner)];
  });
  return Object.fromEntries(fields.filter(([, inner]) => inner !== undefined));
}

/**
 * One form for all ways of writing the same input: defaults are filled in, durations are milliseconds, addresses have
 * one spelling. `null` for what the schema refuses.
 */
export function canonicalInput(schema: z.ZodType<{ source: string | string[] }>, input: unknown): object | null {
  const parsed = schema.safeParse(withoutNulls(schema, input));
  if (!parsed.success) return null;
  const [first, ...rest] = [parsed.data.source].flat().map(canonicalUri);
  return { ...parsed.data, source: rest.length === 0 ? first : [first, ...rest] };
}
