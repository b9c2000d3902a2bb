/** Thrown when no Temporal server could be found, built or started; the message says why and what to do. */
export class TemporalServerError extends Error {
  override readonly name = 'TemporalServerError';
}
