import type { Dispatcher } from 'undici';
import {
  headerOf,
  isSameVersion,
  readContentRange,
  readContentVersion,
  strongEtagOf,
  type ContentVersion,
} from './content-version.ts';
import { type HttpsClient, nonsense, toNetworkError } from './https-client.ts';
import type { ByteRange } from './media-source.ts';
import { SourceError } from './source-error.ts';

// Other codings that servers name (`aws-chunked`, `utf-8`, `binary`) leave the bytes as they are.
const compressions = new Set(['gzip', 'x-gzip', 'deflate', 'compress', 'x-compress', 'br', 'zstd']);

/** What is wrong with a source that cannot be read in parts, after its URI. */
export const noRanges =
  'can only be read as a whole, since its server ignores Range; download it and give a file: URI instead';

// Less at once would be a request for every few bytes.
const leastBytes = 65_536;

/** What the first answer told of the content. */
export interface KnownContent {
  shownUri: string;
  sizeBytes: number;
  version: ContentVersion;
  readsRanges: boolean;
}

/** Reads a range piece by piece; what a server gives in shorter parts is asked for part by part. */
export async function* readPieces(
  client: HttpsClient,
  known: KnownContent,
  range: ByteRange,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  for (let start = range.start; start < range.end;) {
    start = yield* readPart(client, known, { start, end: range.end }, signal);
  }
}

/** Reads what one answer holds of a range, and gives where that ends. */
async function* readPart(
  client: HttpsClient,
  known: KnownContent,
  range: ByteRange,
  signal: AbortSignal,
): AsyncGenerator<Buffer, number> {
  const etag = strongEtagOf(known.version);
  const headers = { range: `bytes=${String(range.start)}-${String(range.end - 1)}` };
  const answer = await client.get(etag === null ? headers : { ...headers, 'if-range': etag }, signal);
  try {
    const end = assertKnownContent(known, range, answer);
    let position = range.start;
    for await (const piece of answer.body as AsyncIterable<Buffer>) {
      const wanted = piece.subarray(0, end - position);
      position += piece.length;
      if (wanted.length > 0) yield wanted;
      // A server that ignores Range sends everything, of which this is the beginning.
      if (answer.statusCode === 200 && position >= end) return end;
    }
    if (position === end) return end;
  } catch (error) {
    throw toNetworkError(known.shownUri, error, signal);
  } finally {
    answer.body.destroy();
  }
  throw new SourceError('unreadable', `${known.shownUri} ended before all of its bytes had come; try again later`, {
    retryable: true,
  });
}

/** Gives where the part of the range ends that the answer holds. */
function assertKnownContent(known: KnownContent, range: ByteRange, answer: Dispatcher.ResponseData): number {
  const { shownUri, sizeBytes, version, readsRanges } = known;
  const { statusCode, headers } = answer;
  const seen = readContentVersion(statusCode, headers);
  if (statusCode === 416 && seen.sizeBytes === sizeBytes) throw refusedRange(shownUri, sizeBytes);
  if (statusCode === 412 || statusCode === 416 || !isSameVersion(version, seen)) {
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
  if (statusCode !== 206) return range.end;
  const { start, end = 0 } = readContentRange(headers) ?? {};
  const length = headerOf(headers, 'content-length');
  const isPartOf = start === range.start && end <= range.end && end - start >= Math.min(leastBytes, range.end - start);
  if (isPartOf && (length ?? String(end - start)) === String(end - start)) return end;
  throw nonsense(`the server of ${shownUri} answers a request for a range with other bytes`);
}

/** The error for a server that refuses a range of content that has it. */
export function refusedRange(shownUri: string, sizeBytes: number): SourceError {
  return nonsense(`the server of ${shownUri} refuses a range within its ${String(sizeBytes)} bytes`);
}

/** Refuses content that is only served compressed. */
export function assertPlain(shownUri: string, answer: Dispatcher.ResponseData): void {
  const codings = [answer.headers['content-encoding'] ?? []].flat().join(',');
  if (!isCompressed(codings)) return;
  throw new SourceError('refused', `${shownUri} is only served compressed (${codings}); give a file: URI instead`);
}

/** Whether a `Content-Encoding` says that the bytes are not the content's own. */
export function isCompressed(codings: string): boolean {
  return codings.split(',').some((coding) => compressions.has(coding.trim().toLowerCase()));
}
