import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SimulatorAdmin, startSimulator } from '../../src/simulator/index.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import { makeWav } from '../setup/wav.ts';
import { ProviderApi, putBytes, text } from './provider-api.ts';

let simulator: Simulator;

beforeEach(async () => {
  simulator = await startSimulator({ timeScale: 1000, keys: { tiro: ['one.secret', 'two.secret'] } });
});

afterEach(async () => {
  await simulator.close();
});

test('each provider answers under its own base URL, with the keys given or made up', () => {
  expect(simulator.baseUrls).toEqual({
    soket: `${simulator.url}/soket/transcribe`,
    twelvelabs: `${simulator.url}/twelvelabs/v1.3`,
    tiro: `${simulator.url}/tiro`,
    slng: `${simulator.url}/slng`,
  });
  expect(simulator.keys.tiro).toEqual(['one.secret', 'two.secret']);
  expect(simulator.keys.slng).toEqual([expect.stringMatching(/^slng-[0-9a-f]{32}$/)]);
});

test('calls are recorded in order, without query or key', async () => {
  const jobs = `${simulator.baseUrls.tiro}/v1/external/voice-file/jobs`;
  const created = await fetch(jobs, { method: 'POST', headers: { authorization: 'Bearer two.secret' } });
  const { id, uploadUri } = (await created.json()) as { id: string; uploadUri: string };
  await putBytes(uploadUri, makeWav(1));
  await fetch(`${jobs}/${id}?a=b`, { headers: { authorization: 'Bearer nobody' } });
  const calls = simulator.calls();
  expect(calls).toMatchObject([
    { operation: 'tiro.create', method: 'POST', status: 200, keyIndex: 1, jobId: id, state: 'answered' },
    { operation: 'tiro.storage-put', method: 'PUT', status: 200, keyIndex: null, jobId: id, bytesReceived: 8_044 },
    { operation: 'tiro.status', path: `/tiro/v1/external/voice-file/jobs/${id}`, status: 401, keyIndex: null },
  ]);
  expect(JSON.stringify(calls)).not.toMatch(/secret|Signature|nobody/);
  expect(simulator.calls({ jobId: id, operation: 'tiro.status' })).toHaveLength(1);
});

test('a time scale divides durations and lifetimes', async () => {
  const tiro = new ProviderApi(simulator, 'tiro', '/v1/external/voice-file/jobs');
  const created = await tiro.json('POST', '', {});
  await putBytes(text(created, 'uploadUri'), makeWav(1));
  await tiro.send('PUT', `/${text(created, 'id')}/upload-complete`);
  await expect.poll(async () => text(await tiro.get(`/${text(created, 'id')}`), 'status')).toBe('COMPLETED');
  const { fileUploadedAt, processCompletedAt } = (await tiro.get(`/${text(created, 'id')}`)).body as Record<
    string,
    string
  >;
  const tookMs = Date.parse(processCompletedAt ?? '') - Date.parse(fileUploadedAt ?? '');
  expect(tookMs).toBeGreaterThanOrEqual(44);
  expect(tookMs).toBeLessThanOrEqual(46);
});

test.each([
  ['soket', '/Files'],
  ['twelvelabs', '/asset'],
  ['tiro', '/v1/external/voice-files/jobs'],
  ['slng', '/v1/batch/job'],
] as const)('a wrong path of %s is 404 in the vendor words and recorded as unknown', async (provider, path) => {
  const api = new ProviderApi(simulator, provider);
  const answer = await api.get(path);
  expect(answer.status).toBe(404);
  expect(answer.body).toHaveProperty(provider === 'twelvelabs' ? 'code' : 'error');
  expect(simulator.calls()).toMatchObject([{ provider, operation: `${provider}.unknown` }]);
});

test.each(['soket', 'tiro', 'slng'] as const)('a body of %s that is not JSON is 400', async (provider) => {
  const paths = { soket: '/batch', tiro: '/v1/external/voice-file/jobs', slng: '/v1/batch/jobs' };
  const api = new ProviderApi(simulator, provider);
  const answer = await api.send('POST', paths[provider], '{"a":', { 'content-type': 'application/json' });
  expect(answer).toMatchObject({ status: 400, body: { error: expect.anything() as unknown } });
});

describe('storage', () => {
  test('refuses API keys, forged signatures and forms', async () => {
    const tiro = new ProviderApi(simulator, 'tiro', '/v1/external/voice-file/jobs');
    const url = text(await tiro.json('POST', '', {}), 'uploadUri');
    expect(await putBytes(url, makeWav(1), tiro.headers)).toMatchObject({
      status: 400,
      body: expect.stringContaining('<Code>InvalidArgument</Code>') as string,
    });
    const forged = url.replace(/Signature=\w{4}/, 'Signature=0000');
    expect((await putBytes(forged, makeWav(1))).body).toContain('SignatureDoesNotMatch');
    expect((await fetch(url, { method: 'PUT', body: new FormData() })).status).toBe(403);
    expect((await fetch(url)).status).toBe(403);
    expect((await putBytes(url, makeWav(1))).status).toBe(200);
  });

  test('demands the length of a body, and all of it', async () => {
    const tiro = new ProviderApi(simulator, 'tiro', '/v1/external/voice-file/jobs');
    const url = new URL(text(await tiro.json('POST', '', {}), 'uploadUri'));
    const send = async (headers: string, body: string) => {
      const socket = connect(Number(url.port), url.hostname);
      socket.end(`PUT ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\n${headers}\r\n\r\n${body}`);
      return String(Buffer.concat((await socket.toArray()) as Buffer[]));
    };
    expect(await send('content-length: 9', 'short')).toMatch(/^HTTP\/1.1 400 .*<Code>IncompleteBody<\/Code>/s);
    const chunked = await send('transfer-encoding: chunked\r\nconnection: close', '5\r\nshort\r\n0\r\n\r\n');
    expect(chunked).toMatch(/^HTTP\/1.1 411 .*<Code>MissingContentLength<\/Code>/s);
    expect(simulator.objects()).toEqual([]);
    const whole = await send('content-length: 5\r\nconnection: close', 'whole');
    expect(whole).toMatch(/^HTTP\/1.1 200 /);
  });

  test('gives URLs at the host that the client used', async () => {
    const url = simulator.url.replace('127.0.0.1', 'localhost');
    const headers = { authorization: 'Bearer one.secret' };
    const response = await fetch(`${url}/tiro/v1/external/voice-file/jobs`, { method: 'POST', headers });
    expect(((await response.json()) as { uploadUri: string }).uploadUri).toContain('http://localhost:');
  });
});

test('the admin client does from outside what the simulator does within', async () => {
  const admin = new SimulatorAdmin(simulator.url);
  await admin.health();
  await admin.setPlan('tiro', { durationMs: 0, outcome: 'failed' });
  const tiro = new ProviderApi(simulator, 'tiro', '/v1/external/voice-file/jobs');
  const created = await tiro.json('POST', '', {});
  await putBytes(text(created, 'uploadUri'), makeWav(1));
  await tiro.send('PUT', `/${text(created, 'id')}/upload-complete`);
  expect(await admin.jobs('tiro')).toMatchObject([{ id: text(created, 'id'), status: 'FAILED' }]);
  expect(await admin.objects()).toEqual(simulator.objects());
  expect(await admin.calls({ operation: 'tiro.create' })).toHaveLength(1);
  expect(await admin.counters()).toEqual(simulator.counters());
  const hold = await admin.addFault({ kind: 'hold', operation: 'tiro.status' });
  const held = tiro.get(`/${text(created, 'id')}`);
  await expect.poll(() => admin.calls({ operation: 'tiro.status' })).toMatchObject([{ state: 'open' }]);
  expect(await admin.release(hold)).toBe(true);
  expect((await held).status).toBe(200);
  await admin.addFault({ kind: 'status', operation: '*', status: 500, times: null });
  await admin.clearFaults();
  expect((await tiro.get(`/${text(created, 'id')}`)).status).toBe(200);
  await expect(admin.addFault({ kind: 'delay', operation: '*', delayMs: -1 })).rejects.toThrow('400');
});

test('five hundred jobs at once are all counted', async () => {
  const slng = new ProviderApi(simulator, 'slng', '/v1/batch/jobs');
  const jobs = Array.from({ length: 500 }, async (_, index) => {
    const form = new FormData();
    form.set('job_id', `job${String(index)}`);
    form.set('transcription_config', '{}');
    form.set('file', new Blob([makeWav(0.1)], { type: 'audio/wav' }), 'a.wav');
    return (await slng.form('', form)).status;
  });
  expect(new Set(await Promise.all(jobs))).toEqual(new Set([202]));
  expect(simulator.counters().jobsCreated.slng).toBe(500);
  expect((await slng.get('?page_size=100')).body).toMatchObject({ meta: { total: 500, pages: 5 } });
});
