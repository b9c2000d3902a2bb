import { createHash } from 'node:crypto';
import { pipeline, type Readable, Transform } from 'node:stream';
import type { Artifact } from '../contract/job.ts';
import { readArtifactFile, toArtifactPath } from '../results/read-artifact-file.ts';
import { ResultStoreError } from '../results/result-store-error.ts';
import type { ReadableResultStore } from '../results/result-store.ts';

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

/**
 * Opens an artifact, from the store that is given or, without one, from the file that its URI names. The stream errors
 * at its end where the content was changed. Throws a `ResultStoreError` where it cannot be opened.
 */
export async function openArtifact(artifact: Artifact, store: ReadableResultStore | undefined): Promise<Readable> {
  const content = await (store === undefined
    ? readArtifactFile(toArtifactPath(artifact.uri))
    : store.read(artifact.uri));
  // Whoever reads the end of the line hears of every error; one that nobody reads is destroyed with it.
  return pipeline(content, createCheck(artifact), () => undefined);
}
