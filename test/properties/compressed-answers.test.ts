import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createProviderAgents, type ProviderAgents } from '../../src/http/agents.ts';
import { createProviderConnection } from '../../src/providers/connection/provider-connection.ts';
import { providers } from '../../src/providers/registry.ts';
import { openSource } from '../../src/upload/open-source.ts';
import { type Answer, type ApiServer, startApiServer } from '../http/api-server.ts';

const bombBytes = 256 * 1024 * 1024;
const bomb = gzipSync(Buffer.alloc(bombBytes, '['));
const tenGigabytes = String(10 * 1024 ** 3);
let server: ApiServer;
let agents: ProviderAgents;

beforeAll(async () => {
  server = await startApiServer();
  agents = createProviderAgents();
});

afterAll(async () => {
  await agents.close();
  await server.close();
});

const compressed =
  (encoding: string): Answer =>
  (response) =>
    response.writeHead(200, { 'content-encoding': encoding, 'content-type': 'application/json' }).end(bomb);

function callOver(pool: 'calls' | 'transfers') {
  const connection = createProviderConnection({
    ...{ provider: providers.tiro, baseUrl: server.url, key: 'canary', agents: { ...agents, calls: agents[pool] } },
  });
  const call = { operation: 'try', method: 'GET', path: '/x', signal: new AbortController().signal } as const;
  return connection.call(call, z.object({}));
}

describe.each(['calls', 'transfers'] as const)('an answer in the pool for %s', (pool) => {
  test.each(['gzip', 'deflate', 'br', 'gzip, gzip'])(
    'is never inflated, though it says that it is %s',
    async (encoding) => {
      server.answers.splice(0, 1, compressed(encoding));
      const before = process.memoryUsage().rss;
      const calling = callOver(pool);
      await expect(calling).rejects.toMatchObject({ kind: 'unexpected-response', status: 200 });
      await expect(calling).rejects.toThrow(/the body is not JSON/);
      expect(server.requests.at(-1)?.headers).not.toHaveProperty('accept-encoding');
      expect(process.memoryUsage().rss - before).toBeLessThan(bombBytes / 2);
    },
  );

  test.each([200, 404, 503])('that claims ten gigabytes with status %i ends at once', async (status) => {
    server.answers.splice(0, 1, (response) => {
      response.writeHead(status, { 'content-length': tenGigabytes }).write('{');
    });
    const begun = Date.now();
    await expect(callOver(pool)).rejects.toThrow(/larger than 16 MiB/);
    expect(Date.now() - begun).toBeLessThan(5000);
  });
});

test('a source that is served compressed is refused before its content is read', async () => {
  server.answers.splice(0, 1, (response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': String(bomb.length) }).end(bomb);
  });
  const opening = openSource(`${server.url}/a.mp4`, { allowPrivateAddresses: true });
  await expect(opening).rejects.toMatchObject({ name: 'SourceError', kind: 'refused' });
  expect(server.requests.at(-1)?.headers['accept-encoding']).toBe('identity');
});
