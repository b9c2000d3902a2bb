import { addAbortSignal, type Readable } from 'node:stream';
import { isCompressed } from '../upload/https-pieces.ts';
import type { SourceOpener } from '../upload/media-source.ts';
import { SourceError } from '../upload/source-error.ts';
import { redactUri } from '../upload/source-uri.ts';
import { type S3, type S3Connection, S3PackagesMissingError } from './s3-connection.ts';
import { readS3Fault } from './s3-fault.ts';
import { parseS3Uri, type S3Address, s3Form } from './s3-uri.ts';

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
      const { ContentLength: sizeBytes = NaN, ETag, LastModified, ContentEncoding = '' } = found;
      if (isCompressed(ContentEncoding)) {
        throw new SourceError('refused', `${redactUri(uri)} is stored compressed (${ContentEncoding}); unpack it`);
      }
      return {
        ...{ sizeBytes, fileName: fileName.replaceAll(/[\\\p{Cc}]/gu, '_'), mediaType: found.ContentType ?? null },
        version: ETag ?? LastModified?.toISOString() ?? 'unversioned',
        async *read({ start, end }, readSignal) {
          const range = `${String(start)}-${String(end - 1)}`;
          const same = ETag === undefined ? { IfUnmodifiedSince: LastModified } : { IfMatch: ETag };
          try {
            const part = await getObject(s3, { ...address, range, same }, readSignal);
            if (part.range !== `bytes ${range}/${String(sizeBytes)}`) {
              part.body.destroy();
              throw new Error('S3 answers a request for a range with other bytes');
            }
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

/** Looks at an object; where that fails, for the reason that S3 gives. */
export async function lookAt(s3: S3, { bucket, key }: S3Address, signal?: AbortSignal) {
  const command = new s3.s3.HeadObjectCommand({ Bucket: bucket, Key: key });
  try {
    return await s3.client.send(command, signal === undefined ? {} : { abortSignal: signal });
  } catch (error) {
    const { status } = readS3Fault(error);
    if (status === null || status >= 500) throw error;
    // An answer to HEAD has no body that could say why.
    const { body } = await getObject(s3, { bucket, key, range: '0-0' }, signal);
    body.destroy();
    throw error;
  }
}

/** Gets a part of an object, as long as it is still `same`. */
export async function getObject(
  s3: S3,
  wanted: S3Address & { range?: string; same?: { IfMatch?: string; IfUnmodifiedSince?: Date | undefined } },
  signal?: AbortSignal,
): Promise<{ body: Readable; range: string | undefined }> {
  const { bucket, key, range, same } = wanted;
  const ranged = range === undefined ? {} : { Range: `bytes=${range}` };
  const command = new s3.s3.GetObjectCommand({ Bucket: bucket, Key: key, ...ranged, ...same });
  const { Body, ContentRange } = await s3.client.send(command, signal === undefined ? {} : { abortSignal: signal });
  const body = Body as Readable;
  // Who reads the body hears of its end by reading; an error while nobody does would end the process.
  body.on('error', () => undefined);
  return { body: signal === undefined ? body : addAbortSignal(signal, body), range: ContentRange };
}

/** The source's error for one of the AWS SDK; an abort of ours is given back as it is. */
export function toSourceError(uri: string, error: unknown, signal: AbortSignal | undefined): unknown {
  if (error instanceof SourceError || signal?.aborted === true) return error;
  const shown = redactUri(uri);
  if (error instanceof S3PackagesMissingError) return new SourceError('refused', `${shown}: ${error.message}`);
  const { code, status, advice, passes } = readS3Fault(error);
  if (status === 412 || status === 416) {
    return new SourceError(
      'changed',
      `${shown} was changed while it was being read; start a new job when its content is final`,
    );
  }
  const message = `${shown} cannot be read${passes ? ' now' : ''} (${code}): ${advice}`;
  return new SourceError('unreadable', message, { retryable: passes });
}
