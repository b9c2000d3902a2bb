import { redact } from './redact.ts';

const noConnectionCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_FORWARD_PROXY',
  // A certificate is looked at before anything is sent.
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Whether a network error certainly came before the first byte of the request was sent. */
export function wasNeverSent(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && noConnectionCodes.has(error.code)
  );
}

/** A network error's reason in words, with the causes that Node and undici hide underneath. */
export function describeNetworkError(error: unknown): string {
  const parts: string[] = [];
  for (let cause: unknown = error; cause instanceof Error && parts.length < 4; cause = cause.cause) {
    const code = 'code' in cause && typeof cause.code === 'string' ? `${cause.code}: ` : '';
    parts.push(`${code}${cause.message}`);
  }
  return redact(parts.length === 0 ? String(error) : parts.join('; '));
}

/** Throws the reason of a signal that was aborted to cancel; a signal that merely timed out is an error like others. */
export function rethrowCancellation(signal: AbortSignal): void {
  const timedOut = signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError';
  if (signal.aborted && !timedOut) throw signal.reason;
}
