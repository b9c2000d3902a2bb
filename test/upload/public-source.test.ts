import dns, { type LookupAddress } from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { BlockList } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openSource } from '../../src/upload/open-source.ts';
import { startContentServer, type ContentServer } from './content-server.ts';

let server: ContentServer;

beforeAll(async () => {
  server = await startContentServer({ content: Buffer.from('meeting') });
});

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

afterAll(async () => {
  await server.close();
});

/** Lets 127.0.0.1 pass for a public address, and each look-up find it and what else is given for its turn. */
function pretend(...more: string[][]): void {
  vi.spyOn(BlockList.prototype, 'check').mockImplementation((address) => address !== '127.0.0.1');
  const lookup = (
    _name: string,
    _options: object,
    callback: (error: null, addresses: LookupAddress[]) => void,
  ): void => {
    const addresses = ['127.0.0.1', ...(more.shift() ?? [])];
    callback(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
  };
  vi.spyOn(dns, 'lookup').mockImplementation(lookup as typeof dns.lookup);
  syncBuiltinESMExports();
}

async function look(path = '/talk.wav', from = server): Promise<{ isPublic: boolean }> {
  const options = { ca: from.ca, allowPrivateAddresses: true, allowSignedUrls: true };
  const source = await openSource(`${from.origin}${path}`, options);
  await source.close();
  return source;
}

test('calls an https source on public addresses public', async () => {
  pretend();
  expect((await look()).isPublic).toBe(true);
});

test('calls a source on this machine private, though it may be read', async () => {
  expect((await look()).isPublic).toBe(false);
});

test('calls a source private where one of its addresses is', async () => {
  pretend(['10.0.0.1']);
  expect((await look()).isPublic).toBe(false);
});

test('calls a source private that redirects to a private place', async () => {
  pretend([], ['192.168.0.7']);
  // The same server under a name that is looked up, and connected to, on its own.
  server.behaviour.location = `https://LOCALHOST.:${new URL(server.origin).port}/final.mp4`;
  expect((await look()).isPublic).toBe(false);
  expect(dns.lookup).toHaveBeenCalledTimes(2);
  delete server.behaviour.location;
});

test('calls a signed address private: who is given it, is given a secret', async () => {
  pretend();
  expect((await look('/talk.wav?X-Amz-Signature=5ec2e7')).isPublic).toBe(false);
});

test('calls plain http on this machine private', async () => {
  const plain = await startContentServer({ content: Buffer.from('meeting') }, false);
  pretend();
  expect((await look('/talk.wav', plain)).isPublic).toBe(false);
  await plain.close();
});
