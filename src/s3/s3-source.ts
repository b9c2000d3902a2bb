import { addAbortSignal, Readable } from 'node:stream';
import { neverSilent } from '../http/never-silent.ts';
import { isCompressed } from '../upload/https-pieces.ts';
import type { SourceOpener } from '../upload/media-source.ts';
import { SourceError } from '../upload/source-error.ts';
import { redactUri } from '../upload/source-uri.ts';
import type { S3, S3Connection } from './s3-connection.ts';
import { S3PackagesMissingError } from './s3-packages-missing.ts';
import { readS3Fault } from './s3-fault.ts';
import { parseS3Uri, type S3Address, s3Form } from './s3-uri.ts';

// As sources of https.
const defaultQuietMs = 30_000;

/** Reads `s3:` sources over a connection: looked at by HEAD, read in ranges of the version that was seen. */
export function createS3Opener(connection: S3Connection): SourceOpener {
  return async (uri, { signal }) => {
    const address = parseS3Uri(uri);
    const fileName = address?.key.slice(address.key.lastIndexOf('/') + 1) ?? '';
    if (address === null || fileName === '') {
      throw new SourceError('refused', `${redactUri(uri)} names no object; write ${s3Form}`);
    }
    try {
      const s3 = await connection.open();
      const found = await lookAt(s3, address, signal);
      const { ContentLength: sizeBytes = NaN, ContentType: mediaType = null, ContentEncoding = '' } = found;
      if (isCompressed(ContentEncoding)) {
        throw new SourceError('refused', `${redactUri(uri)} is stored compressed (${ContentEncoding}); unpack it`);
      }
      const version = versionOf(found);
      return {
        ...{ sizeBytes, fileName: fileName.replaceAll(/[\\\p{Cc}]/gu, '_'), mediaType, version },
        async *read({ start, end }, readSignal) {
          const range = `${String(start)}-${String(end - 1)}`;
          try {
            const part = await getObject(s3, { ...address, range, etag: etagOf(found) }, { signal: readSignal });
            const isSame = part.version === version;
            if (!isSame || part.range !== `bytes ${range}/${String(sizeBytes)}`) part.body.destroy();
            if (!isSame) throw changedError(uri);
            if (part.body.destroyed) throw new Error('S3 answers a request for a range with other bytes');
            yield* part.body as AsyncIterable<Buffer>;
          } catch (error) {
            throw toSourceError(uri, error, readSignal);
          }
        },
      };
    } catch (error) {
      throw toSourceError(uri, error, signal);
    }
  };
}

interface Versioned {
  ETag?: string | undefined;
  LastModified?: Date | undefined;
}

/** The ETag of an object; some stores have none of what came to them by another way. */
export function etagOf({ ETag = '' }: Versioned): string | undefined {
  return ETag.replaceAll('"', '') === '' ? undefined : ETag;
}

const versionOf = (found: Versioned) => etagOf(found) ?? found.LastModified?.toISOString() ?? 'unversioned';

/** Looks at an object; where that fails, for the reason that S3 gives. */
export async function lookAt(s3: S3, { bucket, key }: S3Address, signal?: AbortSignal) {
  const command = new s3.s3.HeadObjectCommand({ Bucket: bucket, Key: key });
  try {
    return await s3.client.send(command, signal === undefined ? {} : { abortSignal: signal });
  } catch (error) {
    const { status } = readS3Fault(error);
    if (status === null || status >= 500) throw error;
    // An answer to HEAD has no body that could say why.
    const { body } = await getObject(s3, { bucket, key, range: '0-0' }, { signal });
    body.destroy();
    throw error;
  }
}

/** Gets an object or a part of it, where an ETag is given as long as it is that one; its body fails where it goes quiet. */
export async function getObject(
  s3: S3,
  wanted: S3Address & { range?: string; etag?: string | undefined },
  { signal, quietMs = defaultQuietMs }: { signal?: AbortSignal | undefined; quietMs?: number | undefined } = {},
): Promise<{ body: Readable; range: string | undefined; version: string }> {
  const { bucket, key, range, etag } = wanted;
  const command = new s3.s3.GetObjectCommand({
    ...{ Bucket: bucket, Key: key },
    ...(range === undefined ? {} : { Range: `bytes=${range}` }),
    ...(etag === undefined ? {} : { IfMatch: etag }),
  });
  const got = await s3.client.send(command, signal === undefined ? {} : { abortSignal: signal });
  const stop = new AbortController();
  const arriving = addAbortSignal(stop.signal, got.Body as Readable);
  const pieces: AsyncIterable<Buffer> = neverSilent(arriving, { stop, quietMs, outer: signal });
  const body = Readable.from(pieces, { objectMode: false, ...(signal === undefined ? {} : { signal }) });
  // Who reads the body hears of its end by reading; an error while nobody does would end the process.
  for (const each of [arriving, body]) each.on('error', () => undefined);
  // Also where it was never read.
  body.on('close', () => {
    stop.abort();
  });
  return { body, range: got.ContentRange, version: versionOf(got) };
}

function changedError(uri: string): SourceError {
  return new SourceError(
    'changed',
    `${redactUri(uri)} was changed while it was being read; start a new job when its content is final`,
  );
}

/** The source's error for one of the AWS SDK; an abort of ours is given back as it is. */
export function toSourceError(uri: string, error: unknown, signal: AbortSignal | undefined): unknown {
  if (error instanceof SourceError || signal?.aborted === true) return error;
  const shown = redactUri(uri);
  if (error instanceof S3PackagesMissingError) return new SourceError('refused', `${shown}: ${error.message}`);
  const { code, status, advice, passes } = readS3Fault(error);
  if (status === 412 || status === 416) return changedError(uri);
  const message = `${shown} cannot be read${passes ? ' now' : ''} (${code}): ${advice}`;
  return new SourceError('unreadable', message, { retryable: passes });
}
