import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { findFreePort } from '../../src/dev/free-port.ts';
import { startProgram } from '../../src/dev/temporal-program.ts';
import { createS3Client, type S3Access } from './s3-client.ts';

/** The S3 server, and the release of it that is built where there is none. */
export const s3ServerVersion = 'v1.8.0';
const module = 'github.com/versity/versitygw/cmd/versitygw';
const cache = join(homedir(), '.cache', 'provider-jobs', `versitygw-${s3ServerVersion}`);

/** A running S3 server. */
export interface S3Server {
  port: number;
  /** What a client needs, with the server's own address. */
  access: S3Access;
  stop(): Promise<void>;
}

/** The S3 server's program, built with Go where it is not there; null where that cannot be done. */
export function findS3Program(say: (words: string) => void): string | null {
  const kept = join(cache, 'versitygw');
  if (existsSync(kept)) return kept;
  const { stdout } = spawnSync('which', ['versitygw'], { encoding: 'utf8' });
  if (stdout.trim() !== '') return stdout.trim();
  if (spawnSync('go', ['version']).status !== 0) return null;
  say('building versitygw with Go, about a minute, once');
  const built = spawnSync('go', ['install', `${module}@${s3ServerVersion}`], { env: { ...process.env, GOBIN: cache } });
  return built.status === 0 ? kept : null;
}

/** Starts it on a folder of its own, with one bucket. */
export async function startS3Server(program: string, folder: string): Promise<S3Server> {
  await mkdir(folder, { recursive: true });
  const port = await findFreePort();
  const endpoint = `http://127.0.0.1:${String(port)}`;
  const access = { endpoint, accessKeyId: 'bench', secretAccessKey: 'bench-secret', bucket: 'media', key: 'video.mp4' };
  const server = startProgram({
    path: program,
    args: ['--port', `127.0.0.1:${String(port)}`, '--quiet', '--keep-alive', 'posix', folder],
    env: { ...process.env, ROOT_ACCESS_KEY: access.accessKeyId, ROOT_SECRET_KEY: access.secretAccessKey },
    lastSignal: 'SIGKILL',
  });
  const client = createS3Client(access, false);
  for (let tries = 1; ; tries += 1) {
    try {
      await client.send(new CreateBucketCommand({ Bucket: access.bucket }));
      break;
    } catch (error) {
      if (tries < 50) await delay(100);
      else {
        await server.stop();
        throw new Error(`versitygw does not answer: ${server.stderrTail()}`, { cause: error });
      }
    }
  }
  client.destroy();
  return { port, access, stop: () => server.stop() };
}
