import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CodecServer, startCodecServer } from '../../src/encryption/codec-server.ts';
import { EncryptionCodec } from '../../src/encryption/encryption-codec.ts';
import { parseEncryptionKeys } from '../../src/encryption/encryption-keys.ts';
import { runProgram, startProgram } from '../cli/run-program.ts';
import { eventually } from '../setup/eventually.ts';

const written = `a:${randomBytes(32).toString('base64')}`;
const origin = 'http://localhost:8233';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const payloads = ['"talk.wav"', '{"phase":"failed"}'].map((data) => ({
  metadata: { encoding: base64('json/plain') },
  data: base64(data),
}));

/** Asks as Temporal's Web UI does. */
function ask(url: string, path: string, body: unknown, headers: Record<string, string> = { origin }) {
  return fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-namespace': 'default', ...headers },
    body: JSON.stringify(body),
  });
}

describe('the codec server', () => {
  let server: CodecServer;
  beforeAll(async () => {
    server = await startCodecServer({
      keys: parseEncryptionKeys(written),
      host: '127.0.0.1',
      port: 0,
      origins: [origin],
    });
  });
  afterAll(() => server.close());

  it('encodes payloads, and decodes them to what they were', async () => {
    const encoded = (await (await ask(server.url, '/encode', { payloads })).json()) as { payloads: typeof payloads };
    expect(encoded.payloads.map(({ metadata }) => metadata.encoding)).toEqual([
      base64('binary/encrypted'),
      base64('binary/encrypted'),
    ]);
    const decoded = await ask(server.url, '/decode', encoded);
    expect(decoded.headers.get('access-control-allow-origin')).toBe(origin);
    expect(await decoded.json()).toEqual({ payloads });
  });

  it('passes payloads that are not encrypted, also without data', async () => {
    const answer = await ask(server.url, '/decode', { payloads: [{ metadata: { encoding: base64('binary/null') } }] });
    expect(await answer.json()).toEqual({ payloads: [{ metadata: { encoding: base64('binary/null') }, data: '' }] });
  });

  it('takes a page of history of several megabytes', async () => {
    const page = { payloads: Array.from({ length: 8 }, () => ({ metadata: {}, data: base64('x'.repeat(1_000_000)) })) };
    expect(await (await ask(server.url, '/decode', page)).json()).toEqual(page);
  });

  it('answers the question that a browser asks first', async () => {
    const answer = await fetch(`${server.url}/decode`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-headers': 'content-type,x-namespace,authorization' },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('access-control-allow-headers')).toBe('content-type,x-namespace,authorization');
    expect(answer.headers.get('access-control-allow-methods')).toContain('POST');
  });

  it.each(['http://evil.example', 'null', 'http://localhost:8234'])('refuses a page of %s', async (other) => {
    for (const method of ['OPTIONS', 'POST']) {
      const answer = await fetch(`${server.url}/decode`, { method, headers: { origin: other } });
      expect(answer.status).toBe(403);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it.each([{}, { payloads: 1 }, { payloads: [{ data: '***' }] }, []])('refuses %j', async (body) => {
    expect((await ask(server.url, '/decode', body)).status).toBe(400);
  });

  it('says which key is missing', async () => {
    const other = new EncryptionCodec(parseEncryptionKeys(`b:${randomBytes(32).toString('base64')}`));
    const [sealed] = await other.encode([{ metadata: {}, data: Buffer.from('x') }]);
    const body = {
      metadata: Object.fromEntries(
        Object.entries(sealed?.metadata ?? {}).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
      ),
      data: Buffer.from(sealed?.data ?? []).toString('base64'),
    };
    const answer = await ask(server.url, '/decode', { payloads: [body] });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ error: expect.stringContaining('the key "b"') as string });
  });
});

describe('codec-server', () => {
  it('serves the Web UI that is configured, on this machine only', async () => {
    const {
      child,
      written: output,
      ended,
    } = startProgram(['codec-server', '--port', '0'], {
      PROVIDER_JOBS_ENCRYPTION_KEYS: written,
      PROVIDER_JOBS_WEB_URL: 'https://ui.example/temporal/',
    });
    const url = await eventually('it listens', () => /http:\/\/127\.0\.0\.1:\d+/.exec(output.stdout)?.[0]);
    expect(output.stdout).toContain('https://ui.example.');
    expect((await ask(url, '/decode', { payloads }, { origin: 'https://ui.example' })).status).toBe(200);
    expect((await ask(url, '/decode', { payloads })).status).toBe(403);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ exitCode: 0 });
    expect(output.stdout + output.stderr).not.toContain(written.slice(2, 20));
  });

  it.each<[string, string[], Record<string, string>, RegExp]>([
    ['without keys', [], {}, /set PROVIDER_JOBS_ENCRYPTION_KEYS/],
    ['with an origin that is none', ['--origin', 'localhost'], { PROVIDER_JOBS_ENCRYPTION_KEYS: written }, /--origin/],
  ])('ends with 2 %s', async (_how, args, environment, expected) => {
    const { exitCode, stderr } = await runProgram(['codec-server', ...args], environment);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(expected);
  });
});
