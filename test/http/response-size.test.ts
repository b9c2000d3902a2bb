import { request } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readText, refuseHugeClaim } from '../../src/http/response-size.ts';
import { eventually } from '../setup/eventually.ts';
import { type ApiServer, answer, startApiServer } from './api-server.ts';

const mebibyte = 1024 * 1024;

describe('the size of an answer', () => {
  let server: ApiServer;
  let gone = 0;
  beforeAll(async () => {
    server = await startApiServer();
  });
  beforeEach(() => {
    gone = 0;
    server.answers.length = 0;
  });
  afterAll(() => server.close());

  /** Claims so many bytes and sends a few, or sends without a claim until the client leaves. */
  const huge = (claimedBytes: number | null) => {
    server.answers.push((response) => {
      response.on('close', () => (gone += 1));
      response.writeHead(200, claimedBytes === null ? {} : { 'content-length': String(claimedBytes) });
      const send = () => {
        while (claimedBytes === null && !response.destroyed && response.write(Buffer.alloc(mebibyte)));
      };
      response.on('drain', send);
      response.write('[1');
      send();
    });
  };

  it('reads text of any language', async () => {
    server.answers.push(answer(200, '{"text":"좋은 아침"}'));
    expect(await readText(await request(server.url))).toBe('{"text":"좋은 아침"}');
  });

  it('refuses a claim of 10 GB before it is read, and leaves', async () => {
    huge(10_000_000_000);
    await expect(readText(await request(server.url))).rejects.toThrow('larger than 16 MiB');
    await eventually('the connection has ended', () => gone === 1);
  });

  it('stops reading what goes on without an end', async () => {
    huge(null);
    await expect(readText(await request(server.url))).rejects.toThrow('larger than 16 MiB');
    await eventually('the connection has ended', () => gone === 1);
  });

  it('lets a result be as large as it may', async () => {
    huge(17 * mebibyte);
    const response = await request(server.url);
    expect(() => {
      refuseHugeClaim(response, 1024 * mebibyte);
    }).not.toThrow();
    response.body.on('error', () => undefined).destroy();
  });
});
