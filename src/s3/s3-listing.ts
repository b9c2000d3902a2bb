import type { S3 } from './s3-connection.ts';
import { etagOf } from './s3-source.ts';
import type { S3Address } from './s3-uri.ts';

/** An object as a list shows it. */
export interface ListedObject {
  /** The last part of its key. */
  name: string;
  sizeBytes: number;
  /** Undefined where the store has none. */
  etag: string | undefined;
  lastModifiedMs: number;
}

/** Lists the objects in a folder, whose key ends with its slash, page by page in the order of their keys; none below. */
export async function* listFolder(
  { s3, client }: S3,
  { bucket, key: prefix }: S3Address,
  signal?: AbortSignal,
): AsyncGenerator<ListedObject[]> {
  const options = signal === undefined ? {} : { abortSignal: signal };
  for (let next: string | undefined; ;) {
    const page = { Bucket: bucket, Prefix: prefix, Delimiter: '/', ContinuationToken: next };
    const { Contents = [], NextContinuationToken } = await client.send(new s3.ListObjectsV2Command(page), options);
    yield Contents.flatMap(({ Key = '', Size = 0, ETag, LastModified }) => {
      const name = Key.slice(prefix.length);
      // Consoles mark an empty folder by an object of its name.
      if (name === '') return [];
      return [{ name, sizeBytes: Size, etag: etagOf({ ETag }), lastModifiedMs: LastModified?.getTime() ?? 0 }];
    });
    if (NextContinuationToken === undefined) return;
    next = NextContinuationToken;
  }
}

/** Lists the folders right below a folder, whose key ends with its slash, page by page in the order of their keys. */
export async function* listFolders({ s3, client }: S3, { bucket, key: prefix }: S3Address): AsyncGenerator<string[]> {
  for (let next: string | undefined; ;) {
    const page = { Bucket: bucket, Prefix: prefix, Delimiter: '/', ContinuationToken: next };
    const { CommonPrefixes = [], NextContinuationToken } = await client.send(new s3.ListObjectsV2Command(page));
    yield CommonPrefixes.map(({ Prefix = '' }) => Prefix.slice(prefix.length, -1)).filter((name) => name !== '');
    if (NextContinuationToken === undefined) return;
    next = NextContinuationToken;
  }
}
