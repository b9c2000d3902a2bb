import { createHash } from 'node:crypto';

/** What is kept of an upload: never the bytes themselves. */
export interface ReceivedBytes {
  sizeBytes: number;
  /** Hexadecimal digests of the content. */
  sha256: string;
  md5: string;
  /** The first bytes, as many as were to be kept; enough of them tell the media duration. */
  head: Buffer;
}

/** Enough of a file to find its duration in nearly every container. */
export const headLimitBytes = 1024 * 1024;

/** Reads a stream to its end, hashing, and keeps its first bytes. Throws where the stream breaks. */
export async function receiveBytes(
  stream: AsyncIterable<Buffer>,
  onBytes: (sizeBytes: number) => void,
  keepBytes = headLimitBytes,
): Promise<ReceivedBytes> {
  const sha256 = createHash('sha256');
  const md5 = createHash('md5');
  const head: Buffer[] = [];
  let sizeBytes = 0;
  for await (const piece of stream) {
    if (sizeBytes < keepBytes) head.push(Buffer.from(piece.subarray(0, keepBytes - sizeBytes)));
    sizeBytes += piece.length;
    sha256.update(piece);
    md5.update(piece);
    onBytes(piece.length);
  }
  return { sizeBytes, sha256: sha256.digest('hex'), md5: md5.digest('hex'), head: Buffer.concat(head) };
}
