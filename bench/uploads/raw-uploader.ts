// The floor: PUTs of the same ranges by undici to URLs that are there before the clock runs, and nothing else.
import { createReadStream } from 'node:fs';
import { Agent, request } from 'undici';
import { answerParent } from '../processes/child.ts';

interface RawPart {
  url: string;
  /** The first byte, and the one behind the last. */
  start: number;
  end: number;
}

const contentType = 'application/octet-stream';

async function put(dispatcher: Agent, path: string, { url, start, end }: RawPart): Promise<void> {
  for (;;) {
    const { statusCode, body } = await request(url, {
      dispatcher,
      method: 'PUT',
      headers: { 'content-type': contentType, 'content-length': String(end - start) },
      body: createReadStream(path, { start, end: end - 1, highWaterMark: 256 * 1024 }),
    });
    await body.dump();
    if (statusCode === 200) return;
    if (statusCode !== 503) throw new Error(`storage answered ${String(statusCode)}`);
  }
}

answerParent({
  upload: async ({ path, parts, concurrency }: { path: string; parts: RawPart[]; concurrency: number }) => {
    const dispatcher = new Agent({ connections: concurrency });
    const left = parts.values();
    const sender = async () => {
      for (const part of left) await put(dispatcher, path, part);
    };
    await Promise.all(Array.from({ length: concurrency }, sender));
    await dispatcher.close();
  },
});
