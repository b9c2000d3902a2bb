import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { inject } from 'vitest';
import { findFreePort } from '../../src/dev/free-port.ts';
import { startProgram } from '../../src/dev/temporal-program.ts';
import { eventually } from './eventually.ts';
import type { S3ProgramNote } from './s3-program.ts';

const buildLimitMs = 11 * 60_000;

/** A real S3 server on a folder of its own, with two buckets. */
export interface S3Server {
  endpoint: string;
  /** What a process needs in its environment, as for any of AWS's tools. */
  environment: Record<string, string>;
  client: S3Client;
  buckets: { media: string; results: string };
  put(key: string, content: Uint8Array | string, more?: { mediaType?: string; bucket?: string }): Promise<string>;
  /** Puts a file behind the server's back, which has no ETag of it then. */
  slip(key: string, content: Uint8Array): Promise<string>;
  stop(): Promise<void>;
}

const secret = () => `canary-key-${randomBytes(12).toString('hex')}`;

/** The program of the S3 server, or why there is none. */
async function readNote(): Promise<S3ProgramNote> {
  const text = await eventually(
    'an S3 server is found or built',
    () => readFile(inject('s3ProgramNotePath'), 'utf8').catch(() => null),
    buildLimitMs,
  );
  return JSON.parse(text) as S3ProgramNote;
}

/** Starts it; null, with a loud word on why, where there is none to start. */
export async function startS3Server(): Promise<S3Server | null> {
  const note = await readNote();
  if ('why' in note) {
    console.warn(`\nSKIPPED: what needs a real S3 server is NOT tested: ${note.why}\n`);
    return null;
  }
  const folder = await mkdtemp(join(tmpdir(), 'provider-jobs-s3-'));
  const data = join(folder, 'data');
  await mkdir(data);
  const port = await findFreePort();
  // By name, so that a bucket is found only in the path.
  const endpoint = `http://localhost:${String(port)}`;
  const [accessKeyId, secretAccessKey] = [secret(), secret()];
  const server = startProgram({
    path: note.path,
    args: ['--port', `127.0.0.1:${String(port)}`, '--quiet', '--health', '/health', '--keep-alive', 'posix', data],
    env: { ...process.env, ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey },
    lastSignal: 'SIGKILL',
  });
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  await eventually(`the S3 server answers: ${server.stderrTail()}`, () =>
    fetch(`${endpoint}/health`).then(
      (answer) => answer.ok,
      () => false,
    ),
  );
  const buckets = { media: 'media', results: 'results' };
  for (const Bucket of Object.values(buckets)) await client.send(new CreateBucketCommand({ Bucket }));
  return {
    endpoint,
    client,
    buckets,
    environment: {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      // Nothing of whoever runs the tests.
      AWS_CONFIG_FILE: join(folder, 'none'),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    async put(key, content, { mediaType, bucket = buckets.media } = {}) {
      await client.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: Buffer.from(content), ContentType: mediaType }),
      );
      return `s3://${bucket}/${key}`;
    },
    async slip(key, content) {
      await writeFile(join(data, buckets.media, key), content);
      return `s3://${buckets.media}/${key}`;
    },
    async stop() {
      client.destroy();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Gives this process the environment of an S3 server, and of no other of AWS's settings. */
export function useS3Environment(environment: Record<string, string>): void {
  for (const variable of Object.keys(process.env))
    if (variable.startsWith('AWS_')) Reflect.deleteProperty(process.env, variable);
  Object.assign(process.env, environment);
}
