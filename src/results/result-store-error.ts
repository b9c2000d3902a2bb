/** Thrown when the result store cannot take an artifact or give one back; the message says why and what to do. */
export class ResultStoreError extends Error {
  override readonly name = 'ResultStoreError';
  /** The system's error code, such as `ENOSPC`, or `INVALID_NAME`, `CHANGED` or `UNKNOWN_STORE`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
