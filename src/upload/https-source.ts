import { Readable } from 'node:stream';
import { extension } from 'mime-types';
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
import { readMediaType } from './media-format.ts';
import { assertRange, type ByteRange, type MediaSource, type SourceOptions } from './media-source.ts';
import { SourceError } from './source-error.ts';
import { isSignedUrl, redactUri } from './source-uri.ts';

// Other codings that servers name (`aws-chunked`, `utf-8`, `binary`) leave the bytes as they are.
const compressions = new Set(['gzip', 'x-gzip', 'deflate', 'compress', 'x-compress', 'br', 'zstd']);

/** What is wrong with a source that cannot be read in parts, after its URI. */
export const noRanges =
  'can only be read as a whole, since its server ignores Range; download it and give a file: URI instead';

interface KnownContent {
  shownUri: string;
  sizeBytes: number;
  version: ContentVersion;
  readsRanges: boolean;
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
  const declaredMediaType = headerOf(answer.headers, 'content-type');
  const readsRanges = answer.statusCode === 206;
  const known = { shownUri, sizeBytes, version, readsRanges };
  return {
    ...{ uri, sizeBytes, declaredMediaType, readsRanges, fingerprint: fingerprintVersion(version) },
    fileName: fileNameOf(url, declaredMediaType),
    isPublic: url.protocol === 'https:' && client.isPublic() && !isSignedUrl(uri),
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
    let position = range.start;
    for await (const piece of answer.body as AsyncIterable<Buffer>) {
      const wanted = piece.subarray(0, range.end - position);
      position += piece.length;
      if (wanted.length > 0) yield wanted;
      // A server that ignores Range sends everything, of which this is the beginning.
      if (answer.statusCode === 200 && position >= range.end) return;
    }
    if (position === range.end) return;
  } catch (error) {
    throw toNetworkError(known.shownUri, error, signal);
  } finally {
    answer.body.destroy();
  }
  throw new SourceError('unreadable', `${known.shownUri} ended before all of its bytes had come; try again later`, {
    retryable: true,
  });
}

function assertKnownContent(known: KnownContent, range: ByteRange, answer: Dispatcher.ResponseData): void {
  const { shownUri, sizeBytes, version, readsRanges } = known;
  const { statusCode, headers } = answer;
  const rejected = statusCode === 412 || statusCode === 416;
  if (rejected || !isSameVersion(version, readContentVersion(statusCode, headers))) {
    throw new SourceError(
      'changed',
      `${shownUri} was changed while it was being read; start a new job when its content is final`,
    );
  }
  assertPlain(shownUri, answer);
  if (statusCode === 200 && range.start > 0) {
    // Everything before the range would have to be read and dropped, for each range again.
    throw new SourceError('unreadable', `${shownUri} ${noRanges}`, { retryable: readsRanges });
  }
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
  const codings = [answer.headers['content-encoding'] ?? []].flat().join(',');
  if (!codings.split(',').some((coding) => compressions.has(coding.trim().toLowerCase()))) return;
  throw new SourceError('refused', `${shownUri} is only served compressed (${codings}); give a file: URI instead`);
}

function fileNameOf(url: URL, declaredMediaType: string | null): string {
  const segment = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
  const known = extension(readMediaType(declaredMediaType ?? '') ?? '');
  if (segment === '') return known === false ? 'media' : `media.${known}`;
  try {
    return decodeURIComponent(segment).replaceAll(/[/\\\p{Cc}]/gu, '_');
  } catch {
    return segment;
  }
}
