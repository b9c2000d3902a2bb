import { Readable } from 'node:stream';
import { extension, lookup } from 'mime-types';
import type { Dispatcher } from 'undici';
import {
  fingerprintVersion,
  headerOf,
  isSameVersion,
  readContentRange,
  readContentVersion,
  strongEtagOf,
  type ContentVersion,
} from './content-version.ts';
import { createHttpsClient, discard, toNetworkError, type HttpsClient } from './https-client.ts';
import { assertRange, type ByteRange, type MediaSource, type SourceOptions } from './media-source.ts';
import { SourceError } from './source-error.ts';
import { redactUri } from './source-uri.ts';

const vagueMediaTypes = new Set(['application/octet-stream', 'binary/octet-stream', 'text/plain']);

interface KnownContent {
  shownUri: string;
  sizeBytes: number;
  version: ContentVersion;
}

/**
 * Opens the content at `url` with a GET of its first byte, which presigned URLs answer where they refuse HEAD; throws
 * a `SourceError`.
 */
export async function openHttpsSource(uri: string, url: URL, options: SourceOptions): Promise<MediaSource> {
  const client = createHttpsClient(url, options);
  try {
    return await openWith(client, uri, url, options.signal);
  } catch (error) {
    await client.close();
    throw error;
  }
}

async function openWith(
  client: HttpsClient,
  uri: string,
  url: URL,
  signal: AbortSignal | undefined,
): Promise<MediaSource> {
  const shownUri = redactUri(uri);
  const answer = await client.get({ range: 'bytes=0-0' }, signal);
  await discard(answer);
  const version = readContentVersion(answer.statusCode, answer.headers);
  const { sizeBytes } = version;
  if (sizeBytes === 0 || answer.statusCode === 416) {
    throw new SourceError('refused', `${shownUri} is empty; wait until it is written, or replace it`);
  }
  assertPlain(shownUri, answer);
  if (sizeBytes === null || !Number.isSafeInteger(sizeBytes)) {
    throw new SourceError('refused', `the server of ${shownUri} does not tell its size; give a file: URI instead`);
  }
  const mediaType = mediaTypeOf(answer, url);
  const known = { shownUri, sizeBytes, version };
  return {
    ...{ uri, sizeBytes, mediaType, fileName: fileNameOf(url, mediaType), fingerprint: fingerprintVersion(version) },
    read(range, readSignal) {
      assertRange(range, sizeBytes);
      return Readable.from(readPieces(client, known, range, readSignal), { objectMode: false, signal: readSignal });
    },
    close: () => client.close(),
  };
}

async function* readPieces(
  client: HttpsClient,
  known: KnownContent,
  range: ByteRange,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const etag = strongEtagOf(known.version);
  const headers = { range: `bytes=${String(range.start)}-${String(range.end - 1)}` };
  const answer = await client.get(etag === null ? headers : { ...headers, 'if-range': etag }, signal);
  try {
    assertKnownContent(known, range, answer);
    // A server that ignores Range sends everything from the first byte on: what comes before the range is dropped.
    let position = answer.statusCode === 206 ? range.start : 0;
    for await (const piece of answer.body as AsyncIterable<Buffer>) {
      const wanted = piece.subarray(Math.max(0, range.start - position), Math.max(0, range.end - position));
      position += piece.length;
      if (wanted.length > 0) yield wanted;
      if (answer.statusCode === 200 && position >= range.end) return;
    }
    if (position === range.end) return;
  } catch (error) {
    throw toNetworkError(known.shownUri, error, signal);
  } finally {
    answer.body.on('error', () => undefined).destroy();
  }
  throw new SourceError('unreadable', `${known.shownUri} ended before all of its bytes had come; try again later`, {
    retryable: true,
  });
}

function assertKnownContent(known: KnownContent, range: ByteRange, answer: Dispatcher.ResponseData): void {
  const { shownUri, sizeBytes, version } = known;
  const { statusCode, headers } = answer;
  const rejected = statusCode === 412 || statusCode === 416;
  if (rejected || !isSameVersion(version, readContentVersion(statusCode, headers))) {
    throw new SourceError(
      'changed',
      `${shownUri} was changed while it was being read; start a new job when its content is final`,
    );
  }
  assertPlain(shownUri, answer);
  if (statusCode !== 206) return;
  const sent = readContentRange(headers);
  const length = headerOf(headers, 'content-length');
  const isAsAsked =
    sent?.start === range.start &&
    sent.end === range.end &&
    (sent.sizeBytes ?? sizeBytes) === sizeBytes &&
    (length ?? String(range.end - range.start)) === String(range.end - range.start);
  if (isAsAsked) return;
  throw new SourceError(
    'unreadable',
    `the server of ${shownUri} answers a request for a range with other bytes; give a file: URI instead`,
  );
}

function assertPlain(shownUri: string, answer: Dispatcher.ResponseData): void {
  const encoding = headerOf(answer.headers, 'content-encoding');
  if (encoding === null || encoding === '' || encoding === 'identity') return;
  throw new SourceError('refused', `${shownUri} is only served compressed (${encoding}); give a file: URI instead`);
}

function mediaTypeOf(answer: Dispatcher.ResponseData, url: URL): string {
  const declared = headerOf(answer.headers, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  if (declared !== undefined && declared !== '' && !vagueMediaTypes.has(declared)) return declared;
  return lookup(url.pathname) || 'application/octet-stream';
}

function fileNameOf(url: URL, mediaType: string): string {
  const segment = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
  const known = extension(mediaType);
  if (segment === '') return known === false ? 'media' : `media.${known}`;
  try {
    return decodeURIComponent(segment).replaceAll(/[/\\\p{Cc}]/gu, '_');
  } catch {
    return segment;
  }
}
