import { ApplicationFailure } from '@temporalio/common';
import { isVersion5 } from './version.ts';

/** What is wrong with a value, which may be absent, for the workflow's own code to work with it. */
type Rule = (value: unknown, field: string) => string[];

/** What the workflow's code relies on, field by field; all else is for the provider's schema to check. */
export type Rules = Readonly<Record<string, Rule>>;

const isAbsent = (value: unknown) => value === undefined || value === null;

// Core ends the whole worker for a command with half a character in it, and Temporal counts in UTF-8.
const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value !== '' && value.isWellFormed() && new TextEncoder().encode(value).length <= most;

function rule(expected: string, fits: (value: unknown) => boolean): Rule {
  return (value, field) => (isAbsent(value) || fits(value) ? [] : [`${field}: expected ${expected}`]);
}

/** Some text of bounded length. */
export function text(mostBytes = 1000): Rule {
  return rule(`1 to ${String(mostBytes)} bytes of well-formed text`, (value) => isText(value, mostBytes));
}

/** One of some words. */
export function oneOf(words: readonly string[]): Rule {
  return rule(`one of ${words.join(', ')}`, (value) => words.some((word) => word === value));
}

/** A length of time in milliseconds. */
export const milliseconds = rule('milliseconds', (value) => Number.isFinite(value) && Number(value) > 0);

/** A number above 0. */
export const positive = rule('a number above 0', (value) => Number.isFinite(value) && Number(value) > 0);

/** An object, whose fields another one checks. */
export const object = rule('an object', (value) => typeof value === 'object' && !Array.isArray(value));

/** Whatever is checked elsewhere. */
export const anything: Rule = () => [];

/** True or false. */
export const flag = rule('true or false', (value) => typeof value === 'boolean');

/** Up to so many texts, each by a rule. */
export function listOfTexts(each: Rule, most: number, what = 'texts'): Rule {
  return (value, field) => {
    if (isAbsent(value)) return [];
    if (!Array.isArray(value) || value.length > most) return [`${field}: expected up to ${String(most)} ${what}`];
    return value.flatMap((item, index) => required(each)(item, `${field}.${String(index)}`));
  };
}

/** Workflow ids. */
export const workflowIds: Rule = listOfTexts(text(), 20, 'workflow ids');

/** A list of up to so many objects, with other fields than those of the rules where they are open. */
export function listOf(rules: Rules, { isOpen = false, most = Infinity } = {}): Rule {
  const list = rule('a list', Array.isArray);
  return (value, field) => {
    if (!Array.isArray(value)) return list(value, field);
    if (value.length > most) return [`${field}: expected up to ${String(most)}, given ${String(value.length)}`];
    return value.flatMap((item, index) => {
      const path = `${field}.${String(index)}`;
      return [...findFaults(item, rules, path), ...(isOpen ? [] : findUnknown(item, rules, path))];
    });
  };
}

/** The same for a field that must be there. */
export function required(bounds: Rule): Rule {
  return (value, field) => (isAbsent(value) ? [`${field}: expected, but not given`] : bounds(value, field));
}

function findFaults(value: unknown, rules: Rules, path?: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [`${path ?? 'input'}: expected an object`];
  }
  return Object.entries(rules).flatMap(([field, check]) =>
    check(Reflect.get(value, field), path === undefined ? field : `${path}.${field}`),
  );
}

/** What is misspelt would be left out without a word. */
function findUnknown(value: unknown, rules: Rules, path?: string): string[] {
  const given = Object.entries(typeof value === 'object' && value !== null ? value : {});
  return given
    .filter(([field, each]) => !isAbsent(each) && !Object.hasOwn(rules, field))
    .map(([field]) => {
      const shown = field.slice(0, 100).toWellFormed();
      const name = path === undefined ? shown : `${path}.${shown}`;
      return `${name}: no such field; there are ${Object.keys(rules).join(', ')}`;
    });
}

/** What is read of an input even where it is refused. */
export interface Refused {
  notify?: unknown;
  provider?: unknown;
  resource?: unknown;
}

/** How a workflow refuses an input: whoever waits for its end may have to be told. */
export type Refuse<O> = (input: Refused, refusal: ApplicationFailure) => Promise<O>;

/** What a refused input names its resource, where Temporal can take it. */
export function readResource({ resource }: Refused): string {
  return isText(resource, 64) ? resource : 'unknown';
}

/** Whom a refused input names to hear of the end, as far as it can be read. */
export function readNotify({ notify }: Refused): string[] {
  return Array.isArray(notify) ? notify.filter((id) => isText(id, 1000)).slice(0, 20) : [];
}

interface Check<O> {
  /** What the workflow's code cannot do without, by every version. */
  rules: Rules;
  /** The rules of every field: one that is misspelt is refused too. Default: other fields are checked elsewhere. */
  all?: Rules;
  /** Default: fails, and tells nobody. */
  refuse?: Refuse<O>;
}

/**
 * A workflow that anybody may start with anything: an input that its code cannot work with is its end, where it would
 * be tried for ever, and a field that is `null` is absent. Runs that older code began go on as they did.
 */
export function withCheckedInput<I extends object, O>(
  workflow: (input: I) => Promise<O>,
  { rules, all, refuse = (_, refusal) => Promise.reject<O>(refusal) }: Check<O>,
): (input: I) => Promise<O> {
  return async (input) => {
    const faults = [...findFaults(input, all ?? rules), ...(all === undefined ? [] : findUnknown(input, all))];
    // Asked only where it matters: a good input leaves no mark.
    if (faults.length > 0 && isVersion5()) return refuse(Object(input) as Refused, refusalOf(faults));
    const older = faults.length > 0 ? findFaults(input, rules) : [];
    if (older.length > 0) throw refusalOf(older);
    return workflow(Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null)) as I);
  };
}

function refusalOf(faults: readonly string[]): ApplicationFailure {
  return ApplicationFailure.nonRetryable(faults.slice(0, 20).join('; '), 'InvalidInput');
}
