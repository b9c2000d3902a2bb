import dns, { type LookupAddress } from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openSource } from '../../src/upload/open-source.ts';
import { startContentServer, type ContentServer } from './content-server.ts';

let server: ContentServer;
let port: string;

beforeAll(async () => {
  server = await startContentServer({ content: Buffer.from('internal') }, false);
  port = new URL(server.origin).port;
});

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

afterAll(async () => {
  await server.close();
});

test.each([
  'localhost',
  '127.0.0.1',
  '127.0.0.1.',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '[::1]',
  '[::ffff:127.0.0.1]',
])('refuses %s, in whatever way it is written, without a request', async (host) => {
  const opening = openSource(`https://${host}:${port}/a.mp4?v=1`);
  await expect(opening).rejects.toMatchObject({ name: 'SourceError', kind: 'refused', retryable: false });
  await expect(opening).rejects.toThrow(/private network; .*PROVIDER_JOBS_ALLOW_PRIVATE_SOURCES=true/);
  await expect(opening).rejects.not.toThrow(/v=1/);
  expect(server.connections()).toBe(0);
});

test.each(['http://127.0.0.1', 'http://localhost', 'http://[::1]'])(
  'refuses plain %s on this machine',
  async (origin) => {
    await expect(openSource(`${origin}:${port}/a.mp4`)).rejects.toMatchObject({ kind: 'refused', retryable: false });
    expect(server.connections()).toBe(0);
  },
);

test.each(['169.254.169.254', '10.0.0.1', '100.100.100.200', '192.168.0.1', '[fd00:ec2::254]', '0.0.0.0'])(
  'refuses %s at once',
  async (host) => {
    await expect(openSource(`https://${host}/latest/meta-data/`)).rejects.toMatchObject({ kind: 'refused' });
  },
);

/** Lets every name resolve to the next of `answers`; `null` is a name server that does not answer. */
function resolveTo(...answers: (LookupAddress[] | null)[]): void {
  const lookup = (
    _name: string,
    _options: object,
    callback: (error: Error | null, addresses: LookupAddress[]) => void,
  ): void => {
    const addresses = answers.length > 1 ? answers.shift() : answers[0];
    if (addresses) callback(null, addresses);
    // As Node does: with an error there are no addresses at all.
    else (callback as (error: Error) => void)(Object.assign(new Error('try again'), { code: 'EAI_AGAIN' }));
  };
  vi.spyOn(dns, 'lookup').mockImplementation(lookup as typeof dns.lookup);
  syncBuiltinESMExports();
}

const here = { address: '127.0.0.1', family: 4 };

test.each([
  ['this machine', [here]],
  ['a cloud’s metadata', [{ address: '169.254.169.254', family: 4 }]],
  ['a mapped address', [{ address: '::ffff:10.0.0.1', family: 6 }]],
  ['a public and a private address', [{ address: '1.1.1.1', family: 4 }, here]],
])('refuses a public name that resolves to %s', async (_what, addresses) => {
  resolveTo(addresses);
  const opening = openSource(`https://media.example:${port}/a.mp4`);
  await expect(opening).rejects.toMatchObject({ kind: 'refused', retryable: false });
  await expect(opening).rejects.not.toThrow(/127\.0|169\.254|10\.0/);
  expect(server.connections()).toBe(0);
});

test('asks for the addresses anew with each connection, so a name that changes its mind is refused', async () => {
  resolveTo(null, [here]);
  const uri = `https://media.example:${port}/a.mp4`;
  await expect(openSource(uri)).rejects.toMatchObject({ kind: 'unreadable', retryable: true });
  await expect(openSource(uri)).rejects.toMatchObject({ kind: 'refused', retryable: false });
});
