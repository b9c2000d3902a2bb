// Uploads with @aws-sdk/lib-storage, in a process of its own.
import { createReadStream } from 'node:fs';
import { Upload } from '@aws-sdk/lib-storage';
import { answerParent } from '../processes/child.ts';
import { createS3Client, type S3Access } from './s3-client.ts';

/** What is changed from the defaults. */
export interface S3UploadTuning {
  queueSize?: number;
  partSize?: number;
}

answerParent({
  upload: async ({ path, access, tuning }: { path: string; access: S3Access; tuning: S3UploadTuning | null }) => {
    const client = createS3Client(access, tuning !== null);
    const params = { Bucket: access.bucket, Key: access.key, Body: createReadStream(path) };
    await new Upload({ client, params, ...tuning }).done();
    client.destroy();
  },
});
