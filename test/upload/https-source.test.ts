import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { MediaSource, SourceOptions } from '../../src/upload/media-source.ts';
import { openSource } from '../../src/upload/open-source.ts';
import { startContentServer, type ContentBehaviour, type ContentServer } from './content-server.ts';

const content = randomBytes(3_000_000);
const all = { start: 0, end: content.length };
const middle = { start: 1_000_000, end: 1_200_000 };
const never = new AbortController().signal;
// The server of these tests is on this machine.
const allowed = { allowPrivateAddresses: true };
let server: ContentServer;
let opened: MediaSource[] = [];

beforeEach(async () => {
  server = await startContentServer({ content, etag: '"v1"' });
});

afterEach(async () => {
  await Promise.all(opened.map((source) => source.close()));
  opened = [];
  await server.close();
});

async function open(behaviour: Partial<ContentBehaviour> = {}, options: SourceOptions = {}): Promise<MediaSource> {
  server.behaviour = { ...server.behaviour, ...behaviour };
  const source = await openSource(`${server.origin}/clips/a%20clip.mp4`, {
    ...{ ca: server.ca, timeoutMs: 500, ...allowed, ...options },
  });
  opened.push(source);
  return source;
}

async function read(source: MediaSource, range: typeof all): Promise<boolean> {
  return (await buffer(source.read(range, never))).equals(content.subarray(range.start, range.end));
}

describe('opening', () => {
  test('tells name, size and declared type after reading one byte, with no HEAD', async () => {
    expect(await open()).toMatchObject({
      ...{ fileName: 'a clip.mp4', sizeBytes: content.length, declaredMediaType: 'video/mp4; charset=binary' },
      fingerprint: `https-${String(content.length)}-"v1"`,
    });
    expect(server.requests).toMatchObject([{ method: 'GET', headers: { range: 'bytes=0-0' } }]);
    expect(server.sentBytes()).toBe(1);
  });

  test.each([
    ['refused', 'is empty', { content: Buffer.alloc(0) }, false],
    ['refused', 'does not tell its size', { hidesSize: true }, false],
    ['refused', 'does not tell its size', { hidesSize: true, ignoresRange: true }, false],
    ['refused', 'only served compressed (gzip)', { encoding: 'gzip' }, false],
    ['refused', 'only served compressed (X-GZIP)', { encoding: 'X-GZIP' }, false],
    ['refused', 'only served compressed (identity, br)', { encoding: 'identity, br' }, false],
    ['refused', 'only served compressed (zstd,aws-chunked)', { encoding: 'zstd,aws-chunked' }, false],
    ['refused', 'redirects to a place that is not https', { location: 'http://localhost/final.mp4' }, false],
    ['refused', 'redirects in a circle', { location: '/again.mp4' }, false],
    ['unreadable', 'redirects without saying where to', { location: 'https://' }, true],
    ['unreadable', 'redirects without saying where to', { location: [] }, true],
    ['unreadable', 'redirects without saying where to', { location: ['/a.mp4', '/b.mp4'] }, true],
    ['unreadable', 'answers with status 204', { statusCode: 204 }, true],
    ['unreadable', 'without saying which', { contentRange: null }, true],
    ['unreadable', 'without saying which', { contentRange: 'bytes 0' }, true],
    ['unreadable', 'refuses a range within its 3000000 bytes', { refusesRange: true }, true],
    ['unreadable', 'readable without credentials', { statusCode: 403 }, false],
    ['unreadable', 'check that it still exists', { statusCode: 404 }, false],
    ['unreadable', 'try again later', { statusCode: 503 }, true],
    ['unreadable', 'try again later', { statusCode: 429 }, true],
  ])('is %s: %s', async (kind, message, behaviour, retryable) => {
    const opening = open(behaviour);
    await expect(opening).rejects.toMatchObject({ name: 'SourceError', kind, retryable });
    await expect(opening).rejects.toThrow(message);
  });

  test.each(['identity', 'aws-chunked', 'utf-8', 'binary', 'none', '', 'identity, aws-chunked', 'gzipped'])(
    'takes content coded %j for plain bytes',
    async (encoding) => {
      expect(await read(await open({ encoding }), middle)).toBe(true);
    },
  );

  test.each([
    ['relative ones', (path: string) => path],
    ['whole ones', (path: string) => `${server.origin}${path}`],
  ])('follows ten redirects, %s, and not eleven', async (_what, toLocation) => {
    const chain = (from: number): void => {
      server.behaviour.locations = Object.fromEntries(
        Array.from({ length: from }, (_, index) => [`/hop-${String(from - index)}`, toLocation(nextOf(from - index))]),
      );
    };
    const nextOf = (hop: number): string => (hop === 1 ? '/final.mp4' : `/hop-${String(hop - 1)}`);
    chain(11);
    const uri = `${server.origin}/hop-10`;
    const source = await openSource(uri, { ...allowed, ca: server.ca });
    opened.push(source);
    expect(source).toMatchObject({ uri, fileName: 'hop-10', sizeBytes: content.length });
    const opening = openSource(`${server.origin}/hop-11`, { ...allowed, ca: server.ca });
    await expect(opening).rejects.toMatchObject({ kind: 'refused', retryable: false });
    await expect(opening).rejects.toThrow('redirects more than 10 times');
  });

  test.each([301, 302, 303, 307, 308])('follows a redirect with status %i', async (redirectStatus) => {
    expect((await open({ location: '/final.mp4', redirectStatus })).sizeBytes).toBe(content.length);
  });

  test('follows a redirect whose place is written in UTF-8, or in Latin-1', async () => {
    const toHeader = (place: string, encoding: 'utf8' | 'latin1') => Buffer.from(place, encoding).toString('latin1');
    for (const encoding of ['utf8', 'latin1'] as const) {
      const source = await open({ locations: { '/clips/a%20clip.mp4': toHeader('/café.mp4', encoding) } });
      expect(source.sizeBytes).toBe(content.length);
      expect(server.requests.at(-1)?.path).toBe('/caf%C3%A9.mp4');
    }
  });

  test('does not trust a certificate that nobody vouches for', async () => {
    const opening = open({}, { ca: undefined });
    await expect(opening).rejects.toMatchObject({ kind: 'unreadable', retryable: true });
    await expect(opening).rejects.toThrow(/SELF_SIGNED/);
  });

  test('reports a server that is down as an outage that may pass, without the query', async () => {
    await server.close();
    const opening = openSource(`${server.origin}/a.mp4?sig=secret`, {
      ...allowed,
      ca: server.ca,
      allowSignedUrls: true,
    });
    await expect(opening).rejects.toMatchObject({ kind: 'unreadable', retryable: true });
    await expect(opening).rejects.toThrow(/a\.mp4 cannot be read now \(ECONNREFUSED\)/);
    await expect(opening).rejects.not.toThrow(/secret/);
  });

  test('sends the query of an allowed signed URL', async () => {
    const uri = `${server.origin}/a.mp4?sig=secret`;
    opened.push(await openSource(uri, { ...allowed, ca: server.ca, allowSignedUrls: true }));
    expect(server.requests[0]?.path).toBe('/a.mp4?sig=secret');
  });

  test('accepts plain http on this machine', async () => {
    const plain = await startContentServer({ content }, false);
    const source = await openSource(`${plain.origin}/`, allowed);
    expect(source).toMatchObject({ fileName: 'media.mp4', fingerprint: `https-${String(content.length)}-unversioned` });
    expect(await read(source, middle)).toBe(true);
    await source.close();
    await plain.close();
  });

  test('refuses content that is not the expected version', async () => {
    const { fingerprint } = await open();
    expect((await open({}, { expectedFingerprint: fingerprint })).fingerprint).toBe(fingerprint);
    await expect(open({ etag: '"v2"' }, { expectedFingerprint: fingerprint })).rejects.toMatchObject({
      kind: 'changed',
    });
  });
});

describe('reading', () => {
  test('asks for exactly the range, for this version only', async () => {
    const source = await open();
    expect(await read(source, middle)).toBe(true);
    expect(server.requests[1]?.headers).toMatchObject({ range: 'bytes=1000000-1199999', 'if-range': '"v1"' });
    expect(server.sentBytes()).toBe(200_001);
  });

  test('goes on with its connections from one range to the next', async () => {
    const source = await open();
    for (let start = 0; start < 1_000_000; start += 100_000) await read(source, { start, end: start + 100_000 });
    expect(server.requests.length).toBe(11);
    expect(server.connections()).toBeLessThanOrEqual(2);
  });

  test('follows redirects within https, sending nothing of its own', async () => {
    const source = await open({ location: '/final.mp4' });
    expect(await read(source, all)).toBe(true);
    expect(source.fileName).toBe('a clip.mp4');
    expect(server.requests.map(({ path }) => path)).toEqual([
      '/clips/a%20clip.mp4',
      '/final.mp4',
      '/clips/a%20clip.mp4',
      '/final.mp4',
    ]);
    const names = new Set(server.requests.flatMap(({ headers }) => Object.keys(headers)));
    expect([...names].sort()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'if-range', 'range']);
  });

  test('reads the beginning, and no more of it than needed, from a server that ignores Range', async () => {
    const large = Buffer.concat(Array.from({ length: 20 }, () => content));
    const source = await open({ content: large, ignoresRange: true });
    expect(source.readsRanges).toBe(false);
    expect(await read(source, { start: 0, end: middle.end })).toBe(true);
    await vi.waitFor(
      () => {
        expect(server.sentBytes()).toBeGreaterThan(middle.end);
      },
      { timeout: 20_000 },
    );
    expect(server.sentBytes()).toBeLessThan(large.length / 2);
  });

  test('reads all of it in one pass from a server that ignores Range', async () => {
    const source = await open({ ignoresRange: true });
    const before = server.sentBytes();
    expect(await read(source, all)).toBe(true);
    expect(server.sentBytes() - before).toBe(content.length);
  });

  test.each([
    ['never took ranges', { ignoresRange: true }, false],
    ['takes none any more', {}, true],
  ])('refuses a later part of content whose server %s', async (_what, behaviour, retryable) => {
    const source = await open(behaviour);
    server.behaviour.ignoresRange = true;
    const reading = read(source, middle);
    await expect(reading).rejects.toMatchObject({ kind: 'unreadable', retryable });
    await expect(reading).rejects.toThrow('can only be read as a whole');
  });

  test('sends no If-Range with a weak ETag, and still compares it', async () => {
    const source = await open({ etag: 'W/"v1"' });
    expect(await read(source, middle)).toBe(true);
    expect(server.requests[1]?.headers).not.toHaveProperty('if-range');
    server.behaviour.etag = 'W/"v2"';
    await expect(read(source, middle)).rejects.toMatchObject({ kind: 'changed' });
  });

  test.each([
    ['another ETag', { etag: '"v2"' }],
    ['another ETag and no ranges', { etag: '"v2"', ignoresRange: true }],
    ['another time and no ETag', { etag: null, lastModified: 'Mon, 02 Nov 2026 10:00:00 GMT' }],
    ['more bytes', { content: Buffer.concat([content, content]) }],
    ['too few bytes', { content: content.subarray(0, 10) }],
    ['status 412', { statusCode: 412 }],
  ])('is refused as changed when the server now has %s', async (_what, change) => {
    const source = await open({ lastModified: 'Sun, 01 Nov 2026 10:00:00 GMT' });
    server.behaviour = { ...server.behaviour, ...change };
    await expect(read(source, middle)).rejects.toMatchObject({ kind: 'changed', retryable: false });
  });

  test.each([
    ['other bytes', { rangeShift: 1 }],
    ['other bytes', { contentRange: null }],
    ['other bytes', { longestPart: 1000 }],
    ['refuses a range within its 3000000 bytes', { refusesRange: true }],
    ['answers with status 204', { statusCode: 204 }],
  ])('takes no %s for its range, and can be tried again: %j', async (words, behaviour) => {
    const source = await open();
    server.behaviour = { ...server.behaviour, ...behaviour };
    const reading = read(source, middle);
    await expect(reading).rejects.toMatchObject({ kind: 'unreadable', retryable: true });
    await expect(reading).rejects.toThrow(words);
  });

  test('goes on from the end of a part that is shorter than its range', async () => {
    const source = await open({ longestPart: 70_000 });
    expect(await read(source, middle)).toBe(true);
    expect(server.requests.slice(1).map(({ headers }) => headers.range)).toEqual([
      ...['bytes=1000000-1199999', 'bytes=1070000-1199999', 'bytes=1140000-1199999'],
    ]);
    expect(server.requests.at(-1)?.headers['if-range']).toBe('"v1"');
  });

  test.each([
    ['a cut connection', { cutAfterBytes: 50_000 }],
    ['a body without a length that is too short', { endsAfterBytes: 50_000 }],
    ['a body that stalls', { stalls: true }],
    ['a server error', { statusCode: 500 }],
  ])('errors as an outage that may pass after %s', async (_what, change) => {
    const source = await open();
    server.behaviour = { ...server.behaviour, ...change };
    await expect(read(source, middle)).rejects.toMatchObject({ kind: 'unreadable', retryable: true });
  });

  test('holds no more in memory than a slow reader takes', async () => {
    const large = Buffer.concat(Array.from({ length: 20 }, () => content));
    const source = await open({ content: large });
    const stream = source.read({ start: 0, end: large.length }, never);
    await new Promise((resolve) => stream.once('readable', resolve));
    let last = -1;
    await vi.waitFor(
      () => {
        const before = last;
        last = server.sentBytes();
        expect(last).toBe(before);
      },
      { timeout: 20_000 },
    );
    expect(stream.readableLength).toBeLessThan(1_000_000);
    expect(server.sentBytes()).toBeLessThan(large.length / 2);
    stream.destroy();
  });

  test('ends an aborted read with the abort', async () => {
    const source = await open();
    server.behaviour.stalls = true;
    const abort = new AbortController();
    const reading = buffer(source.read(middle, abort.signal));
    await vi.waitFor(
      () => {
        expect(server.requests.length).toBe(2);
      },
      { timeout: 20_000 },
    );
    abort.abort();
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  });
});
