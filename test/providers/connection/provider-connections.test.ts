import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { TrafficObserver } from '../../../src/http/agents.ts';
import { readConfig } from '../../../src/config/config.ts';
import { findRate } from '../../../src/config/rates.ts';
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

  const connectionsWith = (
    resolveCredential: (provider: string, alias: string) => Promise<string>,
    timeScale = 1,
    rates: Record<string, string> = {},
    observer?: TrafficObserver,
  ) =>
    createProviderConnections({
      ...(observer === undefined ? {} : { observe: () => observer }),
      ...{ baseUrls: { ...readConfig({}).baseUrls, tiro: server.url, slng: `${server.url}/slng` }, timeScale },
      resolveCredential,
      rateOf: (provider, alias) => findRate(readConfig(rates).rates, provider, alias),
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
    // Tiro allows 600 in a minute: 30 at once and 570 one after the other, ten times as fast here.
    const connections = connectionsWith(() => Promise.resolve('key'), 10);
    const send = async (credential: string) =>
      (await connections.connect('tiro', credential)).call({ ...call, path: `/${credential}` }, z.unknown());
    const startedAt = Date.now();
    await Promise.all([...Array.from({ length: 110 }, () => send('busy')), send('idle')]);
    const agesOf = (path: string) =>
      server.requests.filter((each) => each.path === path).map(({ at }) => at - startedAt);
    expect(agesOf('/busy')).toHaveLength(110);
    expect(Math.max(...agesOf('/busy'))).toBeGreaterThanOrEqual(800);
    expect(Math.max(...agesOf('/idle'))).toBeLessThan(Math.max(...agesOf('/busy')));
    await connections.close();
  });

  it('keep to the rates that are set, of a provider and of one of its keys', async () => {
    const rates = { SLNG_RATE: '20/s', SLNG_RATE__SLOW: '10/s' };
    const connections = connectionsWith(() => Promise.resolve('key'), 1, rates);
    const send = async (credential: string) =>
      (await connections.connect('slng', credential)).call({ ...call, path: `/${credential}` }, z.unknown());
    const startedAt = Date.now();
    await Promise.all(['fast', 'slow'].flatMap((credential) => Array.from({ length: 6 }, () => send(credential))));
    const lastOf = (path: string) =>
      Math.max(...server.requests.filter((each) => each.path.endsWith(path)).map(({ at }) => at - startedAt));
    expect(lastOf('/slow')).toBeGreaterThanOrEqual(540);
    expect(lastOf('/fast')).toBeGreaterThanOrEqual(250);
    expect(lastOf('/fast')).toBeLessThan(lastOf('/slow'));
    await connections.close();
  });

  it('lose no turn to those who have given up waiting for theirs', async () => {
    const connections = connectionsWith(() => Promise.resolve('key'), 1, { SLNG_RATE: '10/s' });
    const connection = await connections.connect('slng', undefined);
    const caller = new AbortController();
    const gone = Array.from({ length: 100 }, () => connection.call({ ...call, signal: caller.signal }, z.unknown()));
    const ends = Promise.allSettled(gone);
    caller.abort(new Error('gave up'));
    await ends;
    const startedAt = Date.now();
    await connection.call(call, z.unknown());
    await connection.call(call, z.unknown());
    // A hundred turns would take ten seconds.
    expect(Date.now() - startedAt).toBeLessThan(5000);
    await connections.close();
  });

  it('wait for the rate no longer than the caller does', async () => {
    const connections = connectionsWith(() => Promise.resolve('key'), 0.001);
    const connection = await connections.connect('tiro', undefined);
    await Promise.all(Array.from({ length: 30 }, () => connection.call(call, z.unknown())));
    const caller = new AbortController();
    const late = connection.call({ ...call, signal: caller.signal }, z.unknown());
    caller.abort(new Error('cancelled'));
    await expect(late).rejects.toThrow('cancelled');
    expect(server.requests).toHaveLength(30);
    await connections.close();
  });

  it('tell how long a turn was waited for, also where it never came', async () => {
    const waits: number[] = [];
    const observer = { waited: (ms: number) => waits.push(ms), ended: () => undefined, sent: () => undefined };
    const connections = connectionsWith(() => Promise.resolve('key'), 1, { SLNG_RATE: '1/m' }, observer);
    const connection = await connections.connect('slng', undefined);
    await connection.call(call, z.unknown());
    const inVain = connection.call({ ...call, signal: AbortSignal.timeout(100) }, z.unknown());
    await expect(inVain).rejects.toThrow();
    expect(waits).toEqual([expect.any(Number), expect.any(Number)]);
    expect(waits[1]).toBeGreaterThan(90);
    await connections.close();
  });
});
