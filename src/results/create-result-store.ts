import type { S3Connection } from '../s3/s3-connection.ts';
import { createS3ResultStore } from '../s3/s3-result-store.ts';
import { isS3Uri } from '../s3/s3-uri.ts';
import { createDirectoryResultStore } from './directory-result-store.ts';
import type { WalkableResultStore } from './result-store.ts';

/** The result store at `s3://bucket/prefix`, or in a directory. */
export function createResultStore(address: string, connection?: S3Connection): WalkableResultStore {
  return isS3Uri(address) ? createS3ResultStore(address, connection) : createDirectoryResultStore(address);
}
