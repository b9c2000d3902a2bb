import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createProviderAgents } from '../../src/http/agents.ts';
import { createAgent, isLoopbackHost, noProxies } from '../../src/http/forward-proxy.ts';
import { wasNeverSent } from '../../src/http/network-error.ts';
import { openSource } from '../../src/upload/open-source.ts';
import { type ContentServer, startContentServer } from '../upload/content-server.ts';
import { type ForwardProxy, startForwardProxy } from './forward-proxy.ts';

describe('agents behind a forward proxy', () => {
  let service: Server;
  let port: number;
  let proxy: ForwardProxy;
  beforeAll(async () => {
    service = createServer((request, response) => response.end(request.headers.host));
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    ({ port } = service.address() as AddressInfo);
    proxy = await startForwardProxy(port);
  });
  afterEach(() => {
    proxy.asked.length = 0;
    proxy.credentials.length = 0;
  });
  afterAll(async () => {
    await proxy.close();
    service.closeAllConnections();
    service.close();
  });

  async function ask(origin: string, proxies: Parameters<typeof createProviderAgents>[0]): Promise<string> {
    const agents = createProviderAgents(proxies);
    try {
      const answers = [agents.calls, agents.transfers].map(async (agent) => {
        const { body } = await agent.request({ origin, path: '/', method: 'GET' });
        return body.text();
      });
      const [call, transfer] = await Promise.all(answers);
      expect(transfer).toBe(call);
      return call ?? '';
    } finally {
      await agents.close();
    }
  }

  it('reach by it a host that only it knows', async () => {
    const proxies = { ...noProxies, http: proxy.url };
    await expect(ask('http://slng.invalid', proxies)).resolves.toBe('slng.invalid');
    expect(proxy.asked).toEqual(['slng.invalid:80', 'slng.invalid:80']);
  });

  it('give it the user name and password of its address', async () => {
    const http = proxy.url.replace('//', '//ours:pa%3Ass@');
    await ask('http://slng.invalid', { ...noProxies, http });
    expect(proxy.credentials[0]).toBe(`Basic ${Buffer.from('ours:pa:ss').toString('base64')}`);
  });

  it.each([
    ['refuses', 503, 'refuses with status 503'],
    ['wants to know who asks', 407, 'status 407: it wants a user name and password'],
    ['does not answer', null, 'does not answer'],
  ])('say so, and that nothing was sent, where it %s', async (_, status, words) => {
    proxy.refusal = { status };
    const agents = createAgent({}, { timeout: status === null ? 300 : 10_000 }, { ...noProxies, http: proxy.url });
    const asking = agents.request({ origin: 'http://slng.invalid', path: '/', method: 'POST' });
    const error: unknown = await asking.catch((reason: unknown) => reason);
    expect(String(error)).toContain(words);
    expect(wasNeverSent(error)).toBe(true);
    proxy.refusal = null;
    await agents.destroy();
  });

  it.each(['127.0.0.1', 'localhost'])('reach this machine without it: %s', async (host) => {
    const proxies = { http: proxy.url, https: proxy.url, except: 'other.example' };
    await expect(ask(`http://${host}:${String(port)}`, proxies)).resolves.toBe(`${host}:${String(port)}`);
    expect(proxy.asked).toEqual([]);
  });

  it.each(['slng.invalid', '.invalid', 'other.example,slng.invalid:80', '*', 'localhost, *'])(
    'reach without it what is excepted: %s',
    async (except) => {
      const asking = ask('http://slng.invalid', { ...noProxies, http: proxy.url, except });
      await expect(asking).rejects.toMatchObject({ code: 'ENOTFOUND' });
      expect(proxy.asked).toEqual([]);
    },
  );

  it.each([
    ['127.0.0.1', true],
    ['127.8.9.1', true],
    ['localhost', true],
    ['api.localhost', true],
    ['[::1]', true],
    ['127.0.0.1.example.com', false],
    ['localhost.example.com', false],
    ['10.0.0.1', false],
  ])('take %s for this machine: %s', (host, expected) => {
    expect(isLoopbackHost(host)).toBe(expected);
  });
});

describe('sources behind a forward proxy', () => {
  let server: ContentServer;
  let proxy: ForwardProxy;
  beforeAll(async () => {
    server = await startContentServer({ content: Buffer.from('a talk') });
    proxy = await startForwardProxy(Number(new URL(server.origin).port));
  });
  afterEach(() => {
    proxy.asked.length = 0;
  });
  afterAll(async () => {
    await proxy.close();
    await server.close();
  });
  const open = (uri: string) => openSource(uri, { ca: server.ca, proxies: { ...noProxies, https: proxy.url } });

  it('are read by it where nobody here can look their host up, and count as not public then', async () => {
    const source = await open('https://media.example/talk.mp3');
    try {
      expect(source).toMatchObject({ sizeBytes: 6, isPublic: false });
      const pieces: Buffer[] = [];
      const read = source.read({ start: 2, end: 6 }, AbortSignal.timeout(10_000));
      for await (const piece of read) pieces.push(piece as Buffer);
      expect(Buffer.concat(pieces).toString()).toBe('talk');
    } finally {
      await source.close();
    }
    expect(new Set(proxy.asked)).toEqual(new Set(['media.example:443']));
  });

  it.each(['169.254.169.254', '10.0.0.1', '[fd00:ec2::254]', 'localhost', '127.0.0.1'])(
    'are refused on the private address %s as without it',
    async (host) => {
      const refused = { name: 'SourceError', kind: 'refused', retryable: false };
      await expect(open(`https://${host}/latest/meta-data`)).rejects.toMatchObject(refused);
      expect(proxy.asked).toEqual([]);
    },
  );

  it('are refused where they redirect to a private address', async () => {
    server.behaviour = { content: Buffer.from(''), locations: { '/talk.mp3': 'https://10.0.0.1/secret' } };
    await expect(open('https://media.example/talk.mp3')).rejects.toMatchObject({ kind: 'refused' });
    expect(proxy.asked).toEqual(['media.example:443']);
  });
});
