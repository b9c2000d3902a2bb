/**
 * What went wrong with a request, as far as the next step depends on it:
 * `unavailable` 408, 425, 5xx, network, time-out; `rate-limited` 429; `unexpected-response` not JSON or not the
 * schema; `credential-refused` 401 and 403; `configuration-refused` a refusal that waiting does not cure;
 * `storage-refused` a presigned URL that is spent or expired; `not-found` 404; `conflict` 409; `too-large` an answer
 * over the cap, which asking again does not make smaller; `rejected` any other 3xx and 4xx.
 */
export type ProviderErrorKind =
  | 'unavailable'
  | 'rate-limited'
  | 'unexpected-response'
  | 'credential-refused'
  | 'configuration-refused'
  | 'storage-refused'
  | 'not-found'
  | 'conflict'
  | 'too-large'
  | 'rejected';

const kindByStatus: Readonly<Record<number, ProviderErrorKind>> = {
  401: 'credential-refused',
  403: 'credential-refused',
  404: 'not-found',
  408: 'unavailable',
  409: 'conflict',
  425: 'unavailable',
  429: 'rate-limited',
};

/** What an HTTP status means for the next step. */
export function kindOfStatus(status: number): ProviderErrorKind {
  return kindByStatus[status] ?? (status >= 500 ? 'unavailable' : 'rejected');
}

/** The facts of a failed request; everything in it is redacted. */
export interface ProviderErrorFacts {
  kind: ProviderErrorKind;
  /** The operation in words, for instance `create a Tiro job`. */
  operation: string;
  /** The HTTP status, where there was an answer. */
  status?: number | undefined;
  /** The provider's own error code. */
  code?: string | undefined;
  /** What was seen, in the provider's or the network's words. */
  words: string;
  /** How long the provider asks us to wait. */
  retryAfterMs?: number | undefined;
  /** True where the request certainly never left this machine: no name, no connection. */
  neverSent?: boolean | undefined;
  /** False where the answer does not have the form of the provider's errors, as a proxy's has not. Default true. */
  isInOwnForm?: boolean | undefined;
}

/** A request to a provider or its storage failed; thrown by everything under `src/http` and `src/providers`. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly kind: ProviderErrorKind;
  readonly operation: string;
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly words: string;
  readonly retryAfterMs: number | undefined;
  readonly neverSent: boolean;
  readonly isInOwnForm: boolean;
  readonly #facts: ProviderErrorFacts;

  constructor(facts: ProviderErrorFacts) {
    const answer = facts.status === undefined ? 'no answer' : `HTTP ${String(facts.status)}`;
    const code = facts.code === undefined ? '' : ` ${facts.code}`;
    super(`Could not ${facts.operation} (${answer}${code}): ${facts.words}`);
    this.kind = facts.kind;
    this.operation = facts.operation;
    this.status = facts.status;
    this.code = facts.code;
    this.words = facts.words;
    this.retryAfterMs = facts.retryAfterMs;
    this.neverSent = facts.neverSent ?? false;
    this.isInOwnForm = facts.isInOwnForm ?? true;
    this.#facts = facts;
  }

  /** The same error with some of its facts changed. */
  with(change: Partial<ProviderErrorFacts>): ProviderError {
    return new ProviderError({ ...this.#facts, ...change });
  }
}

/** Whether an error is a `ProviderError` of one of the given kinds. */
export function isProviderError(error: unknown, ...kinds: ProviderErrorKind[]): error is ProviderError {
  return error instanceof ProviderError && (kinds.length === 0 || kinds.includes(error.kind));
}

/** Whether the provider may have done what it was asked to, although there was no good answer. */
export function mayHaveHappened(error: unknown): boolean {
  if (!(error instanceof ProviderError)) return true;
  const { neverSent, status, kind } = error;
  const isUnread = kind === 'unexpected-response' || kind === 'too-large';
  return !neverSent && (status === undefined || status >= 500 || isUnread);
}

/** Whether the provider itself says that something is not there; a page of a proxy's says nothing of the kind. */
export function isAbsent(error: unknown): boolean {
  return isProviderError(error, 'not-found') && error.isInOwnForm;
}
