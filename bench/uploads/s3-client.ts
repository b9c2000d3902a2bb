import { S3Client } from '@aws-sdk/client-s3';

/** Where an object goes, and with which keys. */
export interface S3Access {
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
  bucket: string;
  key: string;
}

/**
 * A client of our S3 server. The lean one sums no checksums that nobody asked for and does not sign bodies, as none
 * does over https.
 */
export function createS3Client({ endpoint, accessKeyId, secretAccessKey }: S3Access, isLean: boolean): S3Client {
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    ...(isLean ? { requestChecksumCalculation: 'WHEN_REQUIRED' as const } : {}),
  });
  if (!isLean) return client;
  client.middlewareStack.add(
    (next) => (input) => {
      const request = input.request as { headers: Record<string, string> };
      request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
      return next(input);
    },
    { step: 'build', name: 'unsignedPayload' },
  );
  return client;
}
