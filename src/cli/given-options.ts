import { UsageError } from './usage-error.ts';

/** Collects `--option` as often as it is given. */
export function collect(value: string, earlier: string[]): string[] {
  return [...earlier, value];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The provider's options from `--options '<json>'` and from `--option key=value`, which wins; a value that is JSON is
 * taken as such (`speakers=2`, `translationLocales=["ko_KR"]`), any other as text.
 * @throws UsageError with every fault at once.
 */
export function readGivenOptions(json: string | undefined, pairs: readonly string[]): Record<string, unknown> {
  const faults: string[] = [];
  const whole = json === undefined ? {} : parseJson(json);
  const isObject = typeof whole === 'object' && whole !== null && !Array.isArray(whole);
  if (!isObject) faults.push(`--options: expected a JSON object, for instance '{"key": "value"}'`);
  const options: Record<string, unknown> = isObject ? { ...whole } : {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const text = pair.slice(at + 1);
    if (at < 1) faults.push(`--option ${pair}: expected key=value`);
    else {
      const value = parseJson(text);
      options[pair.slice(0, at)] = value === undefined ? text : value;
    }
  }
  if (faults.length > 0) throw new UsageError(faults);
  return options;
}
