import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readConfig } from '../../../src/config/config.ts';
import { createProviderConnections } from '../../../src/providers/connection/provider-connections.ts';
import { answer, type ApiServer, startApiServer } from '../../http/api-server.ts';

describe('the connections of a worker', () => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await startApiServer();
    server.answers.push(answer(200, {}));
  });
  beforeEach(() => {
    server.requests.length = 0;
  });
  afterAll(() => server.close());

  const connectionsWith = (resolveCredential: (provider: string, alias: string) => Promise<string>, timeScale = 1) =>
    createProviderConnections({
      ...{ baseUrls: { ...readConfig({}).baseUrls, tiro: server.url, slng: `${server.url}/slng` }, timeScale },
      resolveCredential,
    });
  const call = { operation: 'read', method: 'GET', path: '/x', signal: new AbortController().signal } as const;

  it('resolve the key afresh at each attempt', async () => {
    const keys = ['first', 'second'];
    const asked: string[] = [];
    const connections = connectionsWith((provider, alias) => {
      asked.push(`${provider} ${alias}`);
      return Promise.resolve(keys.shift() ?? '');
    });
    await (await connections.connect('tiro', undefined)).call(call, z.unknown());
    await (await connections.connect('tiro', 'acme')).call(call, z.unknown());
    expect(asked).toEqual(['tiro default', 'tiro acme']);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer first', 'Bearer second']);
    await connections.close();
  });

  it('share one set of agents for each provider', async () => {
    const connections = connectionsWith(() => Promise.resolve('key'));
    const [one, other, slng] = await Promise.all([
      connections.connect('tiro', 'a'),
      connections.connect('tiro', 'b'),
      connections.connect('slng', 'a'),
    ]);
    expect(one.agents).toBe(other.agents);
    expect(one.agents).not.toBe(slng.agents);
    await connections.close();
  });

  it('keep to the published rate of each key', async () => {
    // Tiro allows 600 in a minute: 60 at once, then one in each (scaled) tenth of a second.
    const connections = connectionsWith(() => Promise.resolve('key'), 10);
    const send = async (credential: string) =>
      (await connections.connect('tiro', credential)).call({ ...call, path: `/${credential}` }, z.unknown());
    const startedAt = Date.now();
    await Promise.all([...Array.from({ length: 110 }, () => send('busy')), send('idle')]);
    const agesOf = (path: string) =>
      server.requests.filter((each) => each.path === path).map(({ at }) => at - startedAt);
    expect(agesOf('/busy')).toHaveLength(110);
    expect(Math.max(...agesOf('/busy'))).toBeGreaterThanOrEqual(450);
    expect(Math.max(...agesOf('/idle'))).toBeLessThan(Math.max(...agesOf('/busy')));
    await connections.close();
  });

  it('wait for the rate no longer than the caller does', async () => {
    const connections = connectionsWith(() => Promise.resolve('key'), 0.001);
    const connection = await connections.connect('tiro', undefined);
    await Promise.all(Array.from({ length: 60 }, () => connection.call(call, z.unknown())));
    const caller = new AbortController();
    const late = connection.call({ ...call, signal: caller.signal }, z.unknown());
    caller.abort(new Error('cancelled'));
    await expect(late).rejects.toThrow('cancelled');
    expect(server.requests).toHaveLength(60);
    await connections.close();
  });
});
