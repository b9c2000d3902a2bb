import type { Readable } from 'node:stream';

/** A span of bytes; `end` is exclusive. */
export interface ByteRange {
  start: number;
  end: number;
}

/** What is known of a source before any provider is called; safe to keep, the URI is the one that was given. */
export interface SourceDescription {
  uri: string;
  fileName: string;
  sizeBytes: number;
  mediaType: string;
  /** Identity of this version of the content; another value means that the content was changed or replaced. */
  fingerprint: string;
  /** Playing time, or null where the container does not tell it. */
  durationSeconds: number | null;
}

/** An open source of which any range can be read, several at once, without a copy of the content being made. */
export interface MediaSource extends Omit<SourceDescription, 'durationSeconds'> {
  /**
   * Streams exactly the bytes of `range`; where that is impossible the stream errors with a `SourceError`, before its
   * last bytes when the content was changed meanwhile. Throws a `RangeError` for a range outside the content.
   */
  read(range: ByteRange, signal: AbortSignal): Readable;
  /** Releases the file or the connections; streams still being read end with an error. */
  close(): Promise<void>;
}

/** How a source may be opened. */
export interface SourceOptions {
  /** The fingerprint of an earlier look; other content is refused with a `SourceError` of kind `changed`. */
  expectedFingerprint?: string | undefined;
  /** Accepts https URIs whose query carries a signature. Default false. */
  allowSignedUrls?: boolean | undefined;
  /** Reads also from this machine and private networks, where plain `http:` is accepted too. Default false. */
  allowPrivateAddresses?: boolean | undefined;
  /** Absolute directories that files must be in, whatever links lead to them. Default: anywhere. */
  roots?: readonly string[] | undefined;
  /** Certificate authorities in PEM to trust in place of the system's. */
  ca?: string | undefined;
  /** Longest wait for a connection, for an answer's headers, and between two pieces of its body. Default 30 s. */
  timeoutMs?: number | undefined;
  /** Ends the opening and, unlike a range's own signal, nothing after it. */
  signal?: AbortSignal | undefined;
}

/** Throws a `RangeError` unless `range` holds at least one byte and lies within `sizeBytes`. */
export function assertRange(range: ByteRange, sizeBytes: number): void {
  const { start, end } = range;
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start < end && end <= sizeBytes) return;
  throw new RangeError(`bytes ${String(start)} to ${String(end)} are not a range of ${String(sizeBytes)} bytes`);
}
