import type { ConfigurationError } from '../../config/configuration-error.ts';
import { ForwardProxyError } from '../../http/proxy-client.ts';

/** What `doctor` found out about one thing. */
export interface Check {
  name: string;
  state: 'ok' | 'warn' | 'fail';
  detail: string;
  /** What to do; null where nothing is to be done. */
  remedy: string | null;
}

/** Something that is as it should be. */
export function ok(name: string, detail: string): Check {
  return { name, state: 'ok', detail, remedy: null };
}

/** Something that stops part of the work, or may be meant so. */
export function warn(name: string, detail: string, remedy: string): Check {
  return { name, state: 'warn', detail, remedy };
}

/** Something that stops the work. */
export function fail(name: string, detail: string, remedy: string): Check {
  return { name, state: 'fail', detail, remedy };
}

/** Each wrong setting as a check of its own. */
export function failSettings({ faults }: ConfigurationError): Check[] {
  return faults.map(({ variable, problem }) => fail(variable, problem, 'Correct it, or leave it out.'));
}

/** The first line of an error's message and of what lies beneath it. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A proxy's own words say whose fault it is.
  const isProxy = error instanceof ForwardProxyError;
  const cause = error.cause instanceof Error && !isProxy ? error.cause : error;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return (cause.message === '' ? code : cause.message).split('\n')[0] ?? '';
}
