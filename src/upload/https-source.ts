import { Readable } from 'node:stream';
import { extension } from 'mime-types';
import { fingerprintVersion, headerOf, readContentRange, readContentVersion } from './content-version.ts';
import { createHttpsClient, discard, nonsense, type HttpsClient } from './https-client.ts';
import { assertPlain, readPieces, refusedRange } from './https-pieces.ts';
import { readMediaType } from './media-format.ts';
import { assertRange, type MediaSource, type SourceOptions } from './media-source.ts';
import { SourceError } from './source-error.ts';
import { isSignedUrl, redactUri } from './source-uri.ts';

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
  if (answer.statusCode === 416 && sizeBytes !== null && sizeBytes > 0) throw refusedRange(shownUri, sizeBytes);
  if (sizeBytes === 0 || answer.statusCode === 416) {
    throw new SourceError('refused', `${shownUri} is empty; wait until it is written, or replace it`);
  }
  assertPlain(shownUri, answer);
  if (answer.statusCode === 206 && readContentRange(answer.headers) === null) {
    throw nonsense(`the server of ${shownUri} answers a request for a range without saying which`);
  }
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
