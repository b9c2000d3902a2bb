import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startSimulator } from '../../src/simulator/index.ts';
import type { Fault, Operation, Simulator } from '../../src/simulator/index.ts';
import { makeWav } from '../setup/wav.ts';
import { ProviderApi, putBytes, text } from './provider-api.ts';

let simulator: Simulator;
let tiro: ProviderApi;

beforeEach(async () => {
  simulator = await startSimulator({ timeScale: 1000, chunkSizeBytes: 1000 });
  tiro = new ProviderApi(simulator, 'tiro', '/v1/external/voice-file/jobs');
});

afterEach(async () => {
  await simulator.close();
});

function statusesOf(operation: Operation): (number | null)[] {
  return simulator.calls({ operation }).map(({ status }) => status);
}

describe('a status fault', () => {
  test('answers in the vendor words, as often as asked, then lets calls through', async () => {
    simulator.addFault({ kind: 'status', operation: 'tiro.create', status: 503, times: 2 });
    const first = await tiro.json('POST', '', {});
    expect(first).toMatchObject({ status: 503, body: { error: { code: 503001, errorType: 'internal_error' } } });
    await tiro.json('POST', '', {});
    expect((await tiro.json('POST', '', {})).status).toBe(200);
    expect(statusesOf('tiro.create')).toEqual([503, 503, 200]);
    expect(simulator.counters().jobsCreated.tiro).toBe(1);
  });

  test.each([
    ['seconds', /^7$/],
    ['date', /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/],
  ] as const)('gives Retry-After as %s', async (form, pattern) => {
    simulator.addFault({ kind: 'status', operation: 'tiro.*', status: 429, retryAfter: { form, seconds: 7 } });
    const before = Date.now();
    const retryAfter = (await tiro.get('/x')).headers.get('retry-after') ?? '';
    expect(retryAfter).toMatch(pattern);
    if (form === 'date') expect(Date.parse(retryAfter)).toBeGreaterThanOrEqual(before + 7000);
  });

  test('gives no Retry-After unasked, and any body and headers asked for', async () => {
    const headers = { 'x-ratelimit-reset': '1795000000' };
    simulator.addFault({ kind: 'status', operation: '*', status: 429, body: '<html>', headers });
    const answer = await tiro.get('/x');
    expect(answer.headers.get('retry-after')).toBeNull();
    expect(answer.headers.get('x-ratelimit-reset')).toBe('1795000000');
    expect(answer.body).toBe('<html>');
  });

  test.each([
    [{ status: 400, code: 'RequestTimeout' }, 'RequestTimeout'],
    [{ status: 403, code: 'ExpiredToken' }, 'ExpiredToken'],
    [{ status: 503 }, 'SlowDown'],
    [{ status: 403 }, 'AccessDenied'],
  ])('at storage is XML with the code asked for, or the usual one: %j', async (fault, code) => {
    const created = await tiro.json('POST', '', {});
    simulator.addFault({ kind: 'status', operation: 'tiro.storage-put', ...fault });
    const { status, body } = await putBytes(text(created, 'uploadUri'), makeWav(1));
    expect([status, body]).toEqual([fault.status, expect.stringContaining(`<Code>${code}</Code>`)]);
  });

  test('strikes only the job and the part it is for, after the calls it skips', async () => {
    const created = await tiro.json('POST', '', {});
    simulator.addFault({
      kind: 'status',
      operation: 'tiro.status',
      status: 500,
      skip: 1,
      times: null,
      match: { jobId: text(created, 'id') },
    });
    const statuses = [];
    for (const id of [text(created, 'id'), 'other', text(created, 'id'), text(created, 'id')]) {
      statuses.push((await tiro.get(`/${id}`)).status);
    }
    expect(statuses).toEqual([200, 404, 500, 500]);
    simulator.clearFaults();
    expect((await tiro.get(`/${text(created, 'id')}`)).status).toBe(200);
  });
});

test('a part PUT fails as often as asked, each attempt spending its URL', async () => {
  const twelvelabs = new ProviderApi(simulator, 'twelvelabs', '/assets/multipart-uploads');
  const session = (await twelvelabs.json('POST', '', { filename: 'a.mp4', type: 'video', total_size: 2000 })).body as {
    upload_urls: { url: string }[];
    upload_headers: Record<string, string>;
  };
  const partPut = { operation: 'twelvelabs.part-put', match: { partIndex: 2 } } as const;
  simulator.addFault({ kind: 'status', status: 503, ...partPut });
  const put = (part: number) =>
    putBytes(session.upload_urls[part - 1]?.url ?? '', Buffer.alloc(1000), session.upload_headers);
  expect([(await put(1)).status, (await put(2)).status, (await put(2)).status]).toEqual([200, 503, 403]);
  const seen = simulator.calls({ operation: 'twelvelabs.part-put' });
  expect(seen.map(({ partIndex, bytesReceived }) => [partIndex, bytesReceived])).toEqual([
    [1, 1000],
    [2, 1000],
    [2, 1000],
  ]);
});

test.each([
  ['cut', 0],
  ['cut-after', 1],
] as const)('%s ends the connection with %i jobs created', async (kind, created) => {
  simulator.addFault({ kind, operation: 'tiro.create' });
  await expect(tiro.json('POST', '', {})).rejects.toThrow('fetch failed');
  expect(simulator.jobs('tiro')).toHaveLength(created);
  expect(simulator.calls()).toMatchObject([{ operation: 'tiro.create', state: 'cut' }]);
});

describe('hold', () => {
  test('keeps a request open until it is released', async () => {
    const created = await tiro.json('POST', '', {});
    const id = simulator.addFault({ kind: 'hold', operation: 'tiro.storage-put' });
    const put = putBytes(text(created, 'uploadUri'), makeWav(1));
    await vi.waitFor(
      () => {
        expect(simulator.calls({ operation: 'tiro.storage-put' })).toMatchObject([{ state: 'open', faultId: id }]);
      },
      { timeout: 20_000 },
    );
    expect(simulator.objects()).toEqual([]);
    expect(simulator.release(id)).toBe(true);
    expect((await put).status).toBe(200);
    expect(simulator.objects()).toHaveLength(1);
  });

  test('commits nothing for a client that has gone', async () => {
    const created = await tiro.json('POST', '', {});
    const id = simulator.addFault({ kind: 'hold', operation: 'tiro.storage-put' });
    const put = request(text(created, 'uploadUri'), { method: 'PUT' });
    put.on('error', () => undefined);
    put.end(makeWav(1));
    await vi.waitFor(
      () => {
        expect(simulator.calls({ operation: 'tiro.storage-put' })).toHaveLength(1);
      },
      { timeout: 20_000 },
    );
    put.destroy();
    await vi.waitFor(
      () => {
        expect(simulator.calls({ operation: 'tiro.storage-put' })).toMatchObject([{ state: 'cut' }]);
      },
      { timeout: 20_000 },
    );
    simulator.release(id);
    await tiro.get('/x');
    await vi.waitFor(
      () => {
        expect(simulator.calls({ operation: 'tiro.storage-put' })).toMatchObject([{ state: 'cut', status: null }]);
      },
      { timeout: 20_000 },
    );
    expect(simulator.objects()).toEqual([]);
  });

  test('does not keep the simulator from closing', async () => {
    simulator.addFault({ kind: 'hold', operation: 'tiro.create' });
    const held = expect(tiro.json('POST', '', {})).rejects.toThrow('fetch failed');
    await vi.waitFor(
      () => {
        expect(simulator.calls()).toHaveLength(1);
      },
      { timeout: 20_000 },
    );
    await simulator.close();
    await held;
    expect(simulator.jobs()).toEqual([]);
  });
});

test('an upload that breaks off stores nothing', async () => {
  const created = await tiro.json('POST', '', {});
  const put = request(text(created, 'uploadUri'), { method: 'PUT', headers: { 'content-length': '100000' } });
  put.on('error', () => undefined);
  put.write(Buffer.alloc(50_000));
  await vi.waitFor(
    () => {
      expect(simulator.calls({ operation: 'tiro.storage-put' })[0]?.bytesReceived).toBe(50_000);
    },
    { timeout: 20_000 },
  );
  put.destroy();
  await vi.waitFor(
    () => {
      expect(simulator.calls({ operation: 'tiro.storage-put' })).toMatchObject([{ state: 'cut' }]);
    },
    { timeout: 20_000 },
  );
  expect(simulator.objects()).toEqual([]);
});

test('delay and drip answer in full, but late', async () => {
  simulator.addFault({ kind: 'delay', operation: 'tiro.create', delayMs: 60 });
  simulator.addFault({ kind: 'drip', operation: 'tiro.status', delayMs: 20, chunkSizeBytes: 40 });
  const start = performance.now();
  const created = await tiro.json('POST', '', {});
  expect(performance.now() - start).toBeGreaterThan(55);
  const between = performance.now();
  expect((await tiro.get(`/${text(created, 'id')}`)).body).toMatchObject({ status: 'CREATED', errorMessage: null });
  expect(performance.now() - between).toBeGreaterThan(55);
});

test('body replaces what was answered, the action done', async () => {
  simulator.addFault({ kind: 'body', operation: 'tiro.create', body: '{"id": "tru' });
  const response = await fetch(tiro.base, { method: 'POST', headers: tiro.headers });
  expect([response.status, await response.text()]).toEqual([200, '{"id": "tru']);
  expect(simulator.jobs('tiro')).toHaveLength(1);
});

test('echo repeats the key and the last presigned URL', async () => {
  const created = await tiro.json('POST', '', {});
  simulator.addFault({ kind: 'echo', operation: 'tiro.*', status: 500 });
  const answer = await tiro.get('/x');
  expect(answer.status).toBe(500);
  expect(JSON.stringify(answer.body)).toContain(simulator.keys.tiro[0]);
  expect(JSON.stringify(answer.body)).toContain(text(created, 'uploadUri'));
});

test('redirect answers with the location', async () => {
  simulator.addFault({ kind: 'redirect', operation: 'tiro.status', location: 'https://elsewhere.example/' });
  const response = await fetch(`${tiro.base}/x`, { headers: tiro.headers, redirect: 'manual' });
  expect([response.status, response.headers.get('location')]).toEqual([307, 'https://elsewhere.example/']);
});

test.each([
  { kind: 'cut', operation: 'tiro.nothing' },
  { kind: 'explode', operation: '*' },
  { kind: 'cut', operation: '*', often: 2 },
])('a fault of the wrong shape is refused: %j', (fault) => {
  expect(() => simulator.addFault(fault as Fault)).toThrow();
});
