/**
 * Why a media source cannot be used: it could not be read (`unreadable`), it is no longer the content that was first
 * looked at (`changed`), or it is a kind of source that is not accepted (`refused`).
 */
export type SourceErrorKind = 'unreadable' | 'changed' | 'refused';

/**
 * Thrown by everything that opens or reads a media source; the message says what is wrong, with which URI (without
 * its query), and what to do. Only an outage that may pass by itself is `retryable`.
 */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly kind: SourceErrorKind;
  readonly retryable: boolean;

  constructor(kind: SourceErrorKind, message: string, options: { retryable?: boolean } = {}) {
    super(message);
    this.kind = kind;
    this.retryable = options.retryable ?? false;
  }
}
