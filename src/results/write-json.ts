const deepest = 500;
const tooDeep = 'left out: nested too deeply to be written';

function cut(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === deepest) return tooDeep;
  if (Array.isArray(value)) return value.map((each) => cut(each, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, cut(each, depth + 1)]));
}

/** Writes a provider's JSON. What can be parsed can be nested more deeply than can be written: that part is left out. */
export function writeJson(value: unknown, indent = 0): string {
  try {
    return JSON.stringify(value, null, indent);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return JSON.stringify(cut(value, 0), null, indent);
  }
}
