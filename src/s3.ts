export { S3Connection } from './s3/s3-connection.ts';
export { S3PackagesMissingError } from './s3/s3-packages-missing.ts';
export { createS3ResultStore } from './s3/s3-result-store.ts';
export { createS3Opener } from './s3/s3-source.ts';
