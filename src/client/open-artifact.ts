import { createHash } from 'node:crypto';
import { pipeline, type Readable, Transform } from 'node:stream';
import type { Artifact } from '../contract/job.ts';
import { readArtifactFile, toArtifactPath } from '../results/read-artifact-file.ts';
import { ResultStoreError } from '../results/result-store-error.ts';
import type { ReadableResultStore } from '../results/result-store.ts';
import { S3Connection } from '../s3/s3-connection.ts';
import { readS3Artifact } from '../s3/s3-result-store.ts';
import { isS3Uri } from '../s3/s3-uri.ts';

/** Lets bytes through and ends with an error where they are not those that were stored. */
function createCheck({ name, sizeBytes, sha256 }: Artifact): Transform {
  const hash = createHash('sha256');
  let seenBytes = 0;
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      hash.update(piece);
      seenBytes += piece.length;
      done(null, piece);
    },
    flush(done) {
      if (seenBytes === sizeBytes && hash.digest('hex') === sha256) done();
      else done(new ResultStoreError('CHANGED', `${name} is not what was stored: its size or its SHA-256 differs`));
    },
  });
}

/** Opens content by its URI; throws a `ResultStoreError` where it cannot. */
export type ReadByUri = ReadableResultStore['read'];

/** Reads artifacts from where their URIs say, without knowing the store: files of this machine, and objects of S3. */
export function createReaderByUri(): ReadByUri {
  const s3 = new S3Connection();
  return async (uri) => (isS3Uri(uri) ? readS3Artifact(uri, s3) : readArtifactFile(toArtifactPath(uri)));
}

/**
 * Opens an artifact. The stream errors at its end where the content was changed. Throws a `ResultStoreError` where it
 * cannot be opened.
 */
export async function openArtifact(artifact: Artifact, read: ReadByUri): Promise<Readable> {
  const content = await read(artifact.uri);
  // Whoever reads the end of the line hears of every error; one that nobody reads is destroyed with it.
  return pipeline(content, createCheck(artifact), () => undefined);
}
