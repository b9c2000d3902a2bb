import type { Readable } from 'node:stream';
import type { ForwardProxies } from '../http/forward-proxy.ts';
import type { MediaTypeOrigin } from './media-type.ts';

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
  /** By its one name, whatever spelling it was found under. */
  mediaType: string;
  /** Identity of this version of the content; another value means that the content was changed or replaced. */
  fingerprint: string;
  /** Playing time, or null where nobody tells it. */
  durationSeconds: number | null;
  /** Where the facts are from; one that is missing is known from nowhere. Absent in histories of version 0.1. */
  facts?: { mediaType?: MediaTypeOrigin; durationSeconds?: 'given' | 'content' };
  /** Whether anybody on the internet can read the URI as it stands. Absent in histories of version 0.1. */
  isPublic?: boolean;
}

/** An open source of which any range can be read, several at once, without a copy of the content being made. */
export interface MediaSource extends Pick<SourceDescription, 'uri' | 'fileName' | 'sizeBytes' | 'fingerprint'> {
  /** The media type as the server writes it; null for a file, and where the server writes none. */
  declaredMediaType: string | null;
  /** Whether the URI is https without a signature, and led to public addresses only. */
  isPublic: boolean;
  /** False where a range costs reading everything before it: then only ranges from the first byte on are read. */
  readsRanges: boolean;
  /**
   * Streams exactly the bytes of `range`; where that is impossible the stream errors with a `SourceError`, before its
   * last bytes when the content was changed meanwhile. Throws a `RangeError` for a range outside the content.
   */
  read(range: ByteRange, signal: AbortSignal): Readable;
  /** Releases the file or the connections; streams still being read end with an error. */
  close(): Promise<void>;
}

/** Media as its opener found it: one version of the content, of which any range can be read. */
export interface OpenedSource {
  sizeBytes: number;
  /** Identity of this version, such as an ETag or a generation: other content has another one. */
  version: string;
  /** For the provider and for people; the last part of the URI where none is given. */
  fileName?: string | undefined;
  /** The media type as the store has it. */
  mediaType?: string | null | undefined;
  /**
   * Gives the bytes of `range`, whose `end` is exclusive, of this version and of no other: where the content is another one by
   * now it throws `new SourceError('changed', …)`. Several ranges are read at once. Whatever is thrown that is no
   * `SourceError` counts as an outage that may pass.
   */
  read(range: ByteRange, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Called once nothing more is read. */
  close?(): Promise<void>;
}

/**
 * Opens the media of one scheme by its URI, which is well-formed and has neither user name nor password in it. Throws a
 * `SourceError`: `refused` or `unreadable` for what can never succeed, with `retryable: true` for what may pass. Whatever
 * else it throws counts as an outage that may pass, too.
 */
export type SourceOpener = (uri: string, options: { signal: AbortSignal }) => Promise<OpenedSource>;

/** Openers by the scheme that they read, written with its colon: `gs:`. */
export type SourceOpeners = Readonly<Record<string, SourceOpener>>;

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
  /** Through which forward proxies `https:` sources are read. Default none. */
  proxies?: ForwardProxies | undefined;
  /** What reads other schemes, by scheme; without one for it, a scheme is refused. */
  openers?: SourceOpeners | undefined;
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
