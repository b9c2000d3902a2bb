import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { S3Connection } from '../../s3/s3-connection.ts';
import { isAbsent, readS3Fault } from '../../s3/s3-fault.ts';
import { type ListedObject, listFolder } from '../../s3/s3-listing.ts';
import { etagOf, getObject, lookAt, toSourceError } from '../../s3/s3-source.ts';
import { type S3Address, toS3Uri } from '../../s3/s3-uri.ts';
import { headBytes } from '../../upload/media-type.ts';
import { inOrder, judgeName, type SettledFile } from './list-media.ts';
import type { MediaPlace } from './media-place.ts';

/** What stands for an object's content: its ETag and size; where it has no ETag, what it is and since when. */
function hashOf(place: S3Address, { name, etag, sizeBytes, lastModifiedMs }: ListedObject): string {
  const version = etag === undefined ? [place.bucket, place.key + name, lastModifiedMs] : [etag];
  return createHash('sha256')
    .update(JSON.stringify(['s3', ...version, sizeBytes]))
    .digest('hex')
    .slice(0, 32);
}

// Headers tell no fractions, which lists do.
const secondOf = (ms: number) => Math.floor(ms / 1000);

/** What is below a prefix of a bucket as if it were a directory. Objects appear whole, so none has to settle. */
export function s3Place(folder: S3Address, connection: S3Connection): MediaPlace {
  const addressOf = (name: string) => ({ bucket: folder.bucket, key: folder.key + name });
  const pathOf = (name: string) => toS3Uri(addressOf(name));
  return {
    async list({ endings }, skip, signal) {
      const files: SettledFile[] = [];
      const look = (object: ListedObject) => {
        const { name, sizeBytes, etag, lastModifiedMs: mtimeMs } = object;
        if (name.startsWith('.')) return;
        const { why, isMediaByName } = judgeName(name, endings);
        if (why !== null || sizeBytes === 0) {
          skip(pathOf(name), why ?? 'empty');
          return;
        }
        files.push({
          ...{ name, isMediaByName, sizeBytes, mtimeMs, ctimeMs: mtimeMs, etag },
          hash: hashOf(folder, object),
        });
      };
      try {
        for await (const page of listFolder(await connection.open(), folder, signal)) page.forEach(look);
      } catch (error) {
        throw toSourceError(toS3Uri(folder), error, signal);
      }
      return files.sort(inOrder);
    },
    pathOf,
    sourceOf: pathOf,
    async readHead({ name, sizeBytes, etag }, signal) {
      const range = `0-${String(Math.min(headBytes, sizeBytes) - 1)}`;
      const { body } = await getObject(await connection.open(), { ...addressOf(name), range, etag }, { signal });
      return buffer(body);
    },
    hash: (file) => Promise.resolve(file.hash ?? ''),
    isGone: (error) => [404, 412, 416].includes(readS3Fault(error).status ?? 0),
    async lookAgain({ name, etag, sizeBytes, mtimeMs }, signal) {
      try {
        const found = await lookAt(await connection.open(), addressOf(name), signal);
        const isSame = etag !== undefined || secondOf(found.LastModified?.getTime() ?? 0) === secondOf(mtimeMs);
        return isSame && etagOf(found) === etag && found.ContentLength === sizeBytes ? 'as listed' : 'changed';
      } catch (error) {
        if (isAbsent(error)) return 'gone';
        throw toSourceError(pathOf(name), error, signal);
      }
    },
  };
}
