import { createHash } from 'node:crypto';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fromPathSegment, toPathSegment } from '../results/path-segment.ts';
import { ResultStoreError } from '../results/result-store-error.ts';
import {
  type ArtifactContent,
  type StoredFile,
  toReadable,
  type WalkableResultStore,
} from '../results/result-store.ts';
import { S3Connection } from './s3-connection.ts';
import { S3PackagesMissingError } from './s3-packages-missing.ts';
import { isAbsent, readS3Fault } from './s3-fault.ts';
import { listFolder, listFolders } from './s3-listing.ts';
import { getObject, lookAt } from './s3-source.ts';
import { parseS3Folder, parseS3Uri, type S3Address, s3Form, toS3Uri } from './s3-uri.ts';

// What a write holds at most: so many parts of 5 MiB, the least that S3 takes.
const partsAtOnce = 2;
const abortWithinMs = 5000;
const probeName = toPathSegment('.probe');

/**
 * A result store below `s3://bucket/prefix`, over a connection of its own unless one is given. An object appears whole or
 * not at all, checked on its way by a checksum that S3 verifies. Its artifacts have `s3:` URIs. Throws a
 * `ResultStoreError` for an address that is none.
 */
export function createS3ResultStore(address: string, connection = new S3Connection()): WalkableResultStore {
  const root = parseS3Folder(address);
  if (root === null)
    throw new ResultStoreError('INVALID_NAME', `${address} is no place for results; write s3://bucket/prefix`);
  const { bucket } = root;
  const placeOf = (folder: string) => ({
    bucket,
    key: `${[root.key.replace(/\/$/, ''), ...folder.split('/').map(toPathSegment)].filter(Boolean).join('/')}/`,
  });
  const objectOf = (folder: string, name: string) => ({ bucket, key: placeOf(folder).key + toPathSegment(name) });

  const put = async (key: string, mediaType: string, content: ArtifactContent, signal: AbortSignal | undefined) => {
    signal?.throwIfAborted();
    const doing = `write ${toS3Uri({ bucket, key })}`;
    const { client, storage } = await connection.open().catch((error: unknown) => {
      throw toStoreError(doing, error);
    });
    const measured = measure(content, signal);
    const params = { Bucket: bucket, Key: key, ContentType: mediaType, Body: measured.body };
    const upload = new storage.Upload({ client, params, queueSize: partsAtOnce });
    let lastResort: NodeJS.Timeout | undefined;
    // The body breaks off, and the parts that have arrived are taken away. Where S3 is silent too, nobody waits for that.
    const abort = () => {
      lastResort = setTimeout(() => void upload.abort(), abortWithinMs);
    };
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await upload.done();
    } catch (error) {
      measured.body.destroy();
      signal?.throwIfAborted();
      throw measured.contentError() ?? toStoreError(doing, error);
    } finally {
      clearTimeout(lastResort);
      signal?.removeEventListener('abort', abort);
    }
    return measured.result();
  };

  const listFiles = async (place: S3Address) => {
    const found: StoredFile[] = [];
    try {
      for await (const page of listFolder(await connection.open(), place)) {
        for (const { name, sizeBytes } of page) {
          const uri = toS3Uri({ bucket, key: place.key + name });
          found.push({ name: fromPathSegment(name) ?? name, sizeBytes, uri });
        }
      }
    } catch (error) {
      throw toStoreError(`list ${toS3Uri(place)}`, error);
    }
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  };

  return {
    async write(folder, name, mediaType, content, signal) {
      const { key } = objectOf(folder, name);
      return { name, mediaType, ...(await put(key, mediaType, content, signal)), uri: toS3Uri({ bucket, key }) };
    },
    async check() {
      const key = root.key + probeName;
      await put(key, 'text/plain', 'probe', undefined);
      const { client, s3 } = await connection.open();
      await client.send(new s3.DeleteObjectCommand({ Bucket: bucket, Key: key })).catch((error: unknown) => {
        // Where results may only be added, the one probe stays.
        if (readS3Fault(error).status !== 403) throw toStoreError(`remove ${toS3Uri({ bucket, key })}`, error);
      });
    },
    async exists(folder, name) {
      const { key } = objectOf(folder, name);
      try {
        await lookAt(await connection.open(), { bucket, key });
        return true;
      } catch (error) {
        if (isAbsent(error)) return false;
        throw toStoreError(`look for ${toS3Uri({ bucket, key })}`, error);
      }
    },
    read: (uri) => readS3Artifact(uri, connection),
    list: (folder) => listFiles(placeOf(folder)),
    async *walk(folder) {
      const place = placeOf(folder);
      try {
        for await (const names of listFolders(await connection.open(), place)) {
          for (const name of names) {
            yield { name, list: () => listFiles({ bucket, key: `${place.key}${name}/` }) };
          }
        }
      } catch (error) {
        throw toStoreError(`list ${toS3Uri(place)}`, error);
      }
    },
  };
}

/** Opens an object of results by its address; throws a `ResultStoreError` that says why it cannot. */
export async function readS3Artifact(uri: string, connection: S3Connection, quietMs?: number): Promise<Readable> {
  const found = parseS3Uri(uri);
  if (found === null) {
    const words = `cannot read ${uri}: it is no object of S3 (${s3Form}); give the client the result store that wrote it`;
    throw new ResultStoreError('UNKNOWN_STORE', words);
  }
  try {
    return (await getObject(await connection.open(), found, { quietMs })).body;
  } catch (error) {
    throw toStoreError(`read ${uri}`, error);
  }
}

/** Lets content through and measures it; tells its own error from those of the store. An abort ends the body. */
function measure(content: ArtifactContent, signal: AbortSignal | undefined) {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let contentError: unknown;
  const body = new Transform({
    transform(piece: Buffer, _encoding, done) {
      hash.update(piece);
      sizeBytes += piece.length;
      done(null, piece);
    },
  });
  const source = toReadable(content);
  // What comes after the end of the body came from there.
  source.once('error', (error) => {
    if (!body.destroyed) contentError = error;
  });
  pipeline(source, body, signal === undefined ? {} : { signal }).catch(() => undefined);
  return { body, result: () => ({ sizeBytes, sha256: hash.digest('hex') }), contentError: () => contentError };
}

function toStoreError(doing: string, error: unknown): unknown {
  if (error instanceof ResultStoreError) return error;
  if (error instanceof S3PackagesMissingError) {
    return new ResultStoreError('PACKAGES_MISSING', `cannot ${doing}: ${error.message}`);
  }
  const { code, advice } = readS3Fault(error);
  return new ResultStoreError(code, `cannot ${doing} (${code}): ${advice}`);
}
