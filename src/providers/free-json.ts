import { z } from 'zod';

const deepest = 100;
const mostValues = 1_000_000;

// By a stack of its own: what is too deep for ours, or goes in a circle, is what it is to find.
function isJson(given: unknown): boolean {
  const open = [{ value: given, depth: 0 }];
  let count = 1;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) continue;
    if (typeof value !== 'object' || depth === deepest) return false;
    const parts: unknown[] = Array.isArray(value) ? value : Object.values(value);
    count += parts.length;
    if (count > mostValues) return false;
    for (const part of parts) open.push({ value: part, depth: depth + 1 });
  }
  return true;
}

/** Any JSON of at most 100 levels. */
export const freeJson = z.custom<z.core.util.JSONType>(isJson, {
  error: `expected JSON of at most ${String(deepest)} levels`,
});
