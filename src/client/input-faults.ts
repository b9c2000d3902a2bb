import { z } from 'zod';
import { redact } from '../http/redact.ts';
import { redactUri } from '../upload/source-uri.ts';
import type { InputFault } from './invalid-input-error.ts';

type Path = readonly PropertyKey[];

const longestValue = 60;

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined),
    input,
  );
}

/** What was given for a field, as far as it may be shown. */
export function showGiven(value: unknown, path: Path = []): string {
  // Somebody may have put the key itself where its alias belongs.
  if (path.at(-1) === 'credential') return 'given a value that is not shown, as it may be a key';
  if (value === undefined) return 'given nothing';
  if (value === null) return 'given null';
  if (typeof value === 'object')
    return Array.isArray(value) ? `given a list of ${String(value.length)}` : 'given an object';
  if (typeof value === 'number' || typeof value === 'boolean') return `given ${String(value)}`;
  if (typeof value !== 'string') return `given a ${typeof value}`;
  const clean = redact(redactUri(value));
  return `given "${clean.length > longestValue ? `${clean.slice(0, longestValue)}…` : clean}"`;
}

function allowedOptions(schema: z.ZodType, path: Path): string {
  if (path.length > 0 || !(schema instanceof z.ZodObject)) return '';
  return `; there are ${Object.keys(schema.shape).join(', ')}`;
}

function toFaults(issue: z.core.$ZodIssue, schema: z.ZodType, input: unknown): InputFault[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const problem = `no such option${allowedOptions(schema, path)}`;
    return issue.keys.map((key) => ({ field: [...path, key].map(String).join('.'), problem }));
  }
  const branches = issue.code === 'invalid_union' ? issue.errors.flatMap((issues) => issues.slice(0, 1)) : [];
  const messages = branches.length > 0 ? branches.map(({ message }) => message) : [issue.message];
  const problem = `${[...new Set(messages)].join(', or ')}; ${showGiven(valueAt(input, path), path)}`;
  return [{ field: path.map(String).join('.') || 'input', problem }];
}

/** Every wrong field of an input by its schema, with what is allowed and what was given; empty for a good one. */
export function findInputFaults(schema: z.ZodType, input: unknown): InputFault[] {
  const parsed = schema.safeParse(input);
  return parsed.success ? [] : parsed.error.issues.flatMap((issue) => toFaults(issue, schema, input));
}
