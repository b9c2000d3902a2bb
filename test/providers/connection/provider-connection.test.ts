import type { ServerResponse } from 'node:http';
import { setImmediate as nextTick } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Agent } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { createProviderAgents, type ProviderAgents } from '../../../src/http/agents.ts';
import {
  createProviderConnection,
  type ProviderCall,
  type ProviderConnectionOptions,
} from '../../../src/providers/connection/provider-connection.ts';
import { ProviderError } from '../../../src/providers/connection/provider-error.ts';
import type { Provider } from '../../../src/providers/provider.ts';
import { providers } from '../../../src/providers/registry.ts';
import { unlimited } from '../../../src/providers/connection/turns.ts';
import { eventually } from '../../setup/eventually.ts';
import { answer, type ApiServer, startApiServer } from '../../http/api-server.ts';

const key = 'id.canary-0123456789';
const anything = z.unknown();

describe('a connection to a provider', () => {
  let server: ApiServer;
  let agents: ProviderAgents;
  beforeAll(async () => {
    server = await startApiServer();
    agents = createProviderAgents();
  });
  beforeEach(() => {
    server.requests.length = 0;
    server.answers.length = 0;
  });
  afterAll(async () => {
    await agents.close();
    await server.close();
  });

  const connectionTo = (provider: Provider, change: Partial<ProviderConnectionOptions> = {}) =>
    createProviderConnection({
      provider,
      baseUrl: server.url,
      key,
      agents,
      ...change,
    });

  function callWith(
    change: Partial<ProviderCall> = {},
    schema: z.ZodType = anything,
    provider: Provider = providers.tiro,
  ) {
    const { signal } = new AbortController();
    const call: ProviderCall = { operation: 'read a thing', method: 'GET', path: '/things/1', signal, ...change };
    return connectionTo(provider).call(call, schema);
  }

  async function errorOf(promise: Promise<unknown>): Promise<ProviderError> {
    const error: unknown = await promise.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ProviderError);
    return error as ProviderError;
  }

  test.each<[string, Provider, string, string]>([
    ['Soket', providers.soket, 'authorization', `Bearer ${key}`],
    ['TwelveLabs', providers.twelvelabs, 'x-api-key', key],
    ['Tiro', providers.tiro, 'authorization', `Bearer ${key}`],
    ['SLNG', providers.slng, 'authorization', `Bearer ${key}`],
  ])('sends the key as %s wants it', async (_title, provider, header, value) => {
    server.answers.push(answer(200, {}));
    await callWith({}, anything, provider);
    expect(server.requests[0]?.headers).toMatchObject({ accept: 'application/json', [header]: value });
  });

  it('does not let a call’s own header replace the key', async () => {
    server.answers.push(answer(200, {}));
    await callWith({ headers: { authorization: 'Bearer other', 'x-more': '1' } });
    expect(server.requests[0]?.headers).toMatchObject({ authorization: `Bearer ${key}`, 'x-more': '1' });
  });

  it.each(['', '/'])('joins a base address that ends in "%s" with path and query', async (ending) => {
    server.answers.push(answer(200, {}));
    const { signal } = new AbortController();
    const path = providers.soket.resources.batch.path('a/b?c#d e%é');
    await connectionTo(providers.soket, { baseUrl: `${server.url}/transcribe${ending}` }).call(
      { operation: 'read', method: 'GET', path, query: { page: 2, raw: false, word: 'a&b' }, signal },
      anything,
    );
    expect(server.requests[0]?.path).toBe(
      '/transcribe/status/batch/a%2Fb%3Fc%23d%20e%25%C3%A9?page=2&raw=false&word=a%26b',
    );
  });

  it('sends JSON with its media type, and no media type without a body', async () => {
    server.answers.push(answer(201, { id: 'a' }));
    const reply = await callWith({ method: 'POST', json: { name: 'Ä' } }, z.object({ id: z.string() }));
    await callWith();
    expect(reply).toMatchObject({ status: 201, data: { id: 'a' } });
    expect(server.requests[0]).toMatchObject({ method: 'POST', body: '{"name":"Ä"}' });
    expect(server.requests[0]?.headers['content-type']).toBe('application/json');
    expect(server.requests[1]?.headers['content-type']).toBeUndefined();
  });

  it('tells the provider’s time, or ours where it does not say', async () => {
    server.answers.push(answer(200, {}, { date: 'Fri, 06 Nov 2026 08:49:37 GMT' }));
    expect((await callWith()).providerNowMs).toBe(Date.parse('2026-11-06T08:49:37Z'));
    server.answers[0] = (response) => {
      response.sendDate = false;
      response.end('{}');
    };
    expect(Math.abs((await callWith()).providerNowMs - Date.now())).toBeLessThan(5000);
  });

  it('waits for its turn before it sends', async () => {
    const order: string[] = [];
    server.answers.push((response) => {
      order.push('request');
      response.end('{}');
    });
    const take = async () => {
      await nextTick();
      order.push('turn');
    };
    const connection = createProviderConnection({
      provider: providers.tiro,
      baseUrl: server.url,
      key,
      agents,
      turns: { ...unlimited, take },
    });
    const { signal } = new AbortController();
    await connection.call({ operation: 'read', method: 'GET', path: '/', signal }, anything);
    expect(order).toEqual(['turn', 'request']);
  });

  it('follows no redirect', async () => {
    server.answers.push(answer(302, '', { location: 'https://elsewhere.example/x?token=SECRET' }));
    const error = await errorOf(callWith());
    expect(error).toMatchObject({ kind: 'rejected', status: 302 });
    expect(error.words).toContain('https://elsewhere.example/x');
    expect(error.message).not.toContain('SECRET');
    expect(server.requests).toHaveLength(1);
  });

  it('sends nothing a second time', async () => {
    server.answers.push((response) => response.destroy());
    const error = await errorOf(callWith());
    expect(error).toMatchObject({ kind: 'unavailable', status: undefined, neverSent: false });
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ['HTML', '<html>busy</html>'],
    ['half a document', '{"id":"a","stat'],
    ['text', 'ok'],
  ])('calls a body of %s unexpected', async (_what, body) => {
    server.answers.push(answer(200, body));
    const error = await errorOf(callWith({}, z.object({ id: z.string() })));
    expect(error).toMatchObject({ kind: 'unexpected-response', status: 200 });
    expect(error.words).toContain(body.slice(0, 10));
  });

  it('takes an empty body for null', async () => {
    server.answers.push(answer(204, ''));
    expect((await callWith()).data).toBeNull();
    expect((await errorOf(callWith({}, z.object({ id: z.string() })))).kind).toBe('unexpected-response');
  });

  it('names the field whose shape is wrong', async () => {
    server.answers.push(answer(200, { jobs: [{ id: 7 }] }));
    const error = await errorOf(callWith({}, z.object({ jobs: z.array(z.object({ id: z.string() })) })));
    expect(error.kind).toBe('unexpected-response');
    expect(error.words).toContain('jobs.0.id');
  });

  it('lets an error of ours in reading a body through', async () => {
    server.answers.push(answer(200, {}));
    const { signal } = new AbortController();
    const parse = () => {
      throw new RangeError('ours');
    };
    const call = { operation: 'read', method: 'GET', path: '/', signal } as const;
    await expect(connectionTo(providers.tiro).call(call, { parse })).rejects.toThrow(RangeError);
  });

  test.each<[string, Provider, unknown, Partial<ProviderError>]>([
    ['Soket', providers.soket, { error: 'file is too large' }, { kind: 'rejected', words: 'file is too large' }],
    [
      'TwelveLabs',
      providers.twelvelabs,
      { code: 'bad_file', message: 'no video' },
      { code: 'bad_file', words: 'no video' },
    ],
    [
      'Tiro',
      providers.tiro,
      { error: { code: 400001, errorType: 'bad_request', message: 'no guid', detail: null } },
      { code: '400001', words: 'no guid' },
    ],
    [
      'Tiro without a message',
      providers.tiro,
      { error: { code: 'invalid', errorType: 'bad_request' } },
      { code: 'invalid', words: 'bad_request' },
    ],
    ['SLNG', providers.slng, { error: 'no model' }, { kind: 'rejected', words: 'no model' }],
    ['nobody we know', providers.slng, '<h1>Bad request</h1>', { words: '<h1>Bad request</h1>' }],
    ['an empty body', providers.slng, '', { words: 'no body' }],
  ])('gives the words of %s', async (_title, provider, body, expected) => {
    server.answers.push(answer(400, body));
    const error = await errorOf(callWith({}, anything, provider));
    expect(error).toMatchObject({ kind: 'rejected', status: 400, ...expected });
    expect(error.message).toMatch(/^Could not read a thing \(HTTP 400/);
  });

  test.each([
    [401, { error: { code: 'invalid_api_key', type: 'x' } }, 'credential-refused'],
    [403, { error: { code: 403001, message: 'no' } }, 'credential-refused'],
    [403, { error: { code: 403000, message: 'not enabled' } }, 'configuration-refused'],
    [403, { error: { code: '403013', message: 'no permission' } }, 'configuration-refused'],
    [404, {}, 'not-found'],
    [409, {}, 'conflict'],
    [429, {}, 'rate-limited'],
    [503, {}, 'unavailable'],
  ])('tells what a %i of Tiro with %j means', async (status, body, kind) => {
    server.answers.push(answer(status, body));
    expect((await errorOf(callWith())).kind).toBe(kind);
  });

  it('tells how long the provider asks to wait', async () => {
    server.answers.push(answer(429, {}, { 'retry-after': '7' }));
    expect((await errorOf(callWith())).retryAfterMs).toBe(7000);
  });

  test.each([
    [{ error: 'batch not found' }, 'not-found'],
    [{ error: 'internal trouble' }, 'unexpected-response'],
  ])('finds the error that Soket hides in a 200: %j', async (body, kind) => {
    server.answers.push(answer(200, body));
    const error = await errorOf(callWith({}, z.object({ batch_id: z.string() }), providers.soket));
    expect(error).toMatchObject({ kind, status: 200, words: body.error });
  });

  it('gives up on an answer over the cap', async () => {
    const small: ProviderAgents = { ...agents, calls: new Agent({ maxResponseSize: 1000 }) };
    server.answers.push(answer(200, { text: 'x'.repeat(5000) }));
    const { signal } = new AbortController();
    const call = { operation: 'read', method: 'GET', path: '/', signal } as const;
    const error = await errorOf(connectionTo(providers.tiro, { agents: small }).call(call, anything));
    expect(error).toMatchObject({ kind: 'too-large' });
    expect(error.words).toContain('UND_ERR_RES_EXCEEDED_MAX_SIZE');
    await small.calls.destroy();
  });

  it.each([404, 503])('goes by the status of a refusal of %i whose body is over the cap', async (status) => {
    server.answers.push(answer(status, 'x', { 'content-length': String(17 * 1024 * 1024) }));
    const error = await errorOf(callWith());
    expect(error).toMatchObject({ kind: status === 404 ? 'not-found' : 'unavailable', status });
    expect(error.words).toContain('larger than 16 MiB');
  });

  it('takes a result that is larger than other answers may be', async () => {
    server.answers.push(answer(200, { text: 'x'.repeat(17 * 1024 * 1024) }));
    const large = await callWith({ isResult: true }, z.object({ text: z.string() }));
    expect((large.data as { text: string }).text.length).toBe(17 * 1024 * 1024);
    expect((await errorOf(callWith())).kind).toBe('too-large');
  });

  it('reads a body with numbers that JSON has not, as Python writes them, and leaves texts alone', async () => {
    server.answers.push(
      answer(200, '{"id": "NaN", "says": "-Infinity, \\"NaN\\"", "score": NaN, "all": [Infinity, -Infinity, 1]}'),
    );
    const { data } = await callWith({}, z.unknown());
    expect(data).toEqual({ id: 'NaN', says: '-Infinity, "NaN"', score: null, all: [null, null, 1] });
  });

  it.each(['', 'OK', '<html>done</html>', '{"deleted":', '[]'])(
    'does not judge a good answer whose body nobody needs by its body: %j',
    async (body) => {
      server.answers.push(answer(200, body));
      await expect(callWith({ method: 'DELETE' }, z.unknown())).resolves.toMatchObject({ status: 200 });
    },
  );

  it('keeps every digit of an id that is written as a number, and leaves texts alone', async () => {
    const note = 'the \\"id\\": 12345678901234567890, as said';
    server.answers.push(answer(200, `\ufeff{"job_id": 12345678901234567890,"n":{"Id":1},"note":"${note}"}`));
    const { data } = await callWith({}, z.unknown());
    expect(data).toEqual({ job_id: '12345678901234567890', n: { Id: 1 }, note: JSON.parse(`"${note}"`) as string });
  });

  it('seals texts so that this key opens them and another does not', () => {
    const sealed = connectionTo(providers.tiro).seal('x-amz-security-token');
    expect(connectionTo(providers.tiro).open(sealed)).toBe('x-amz-security-token');
    expect(connectionTo(providers.tiro, { key: 'another' }).open(sealed)).toBeNull();
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['no headers', () => undefined],
    ['half a body', (response) => response.writeHead(200, { 'content-length': '100' }).write('{')],
  ])('gives up on a provider that sends %s and then nothing', async (_what, begin) => {
    const impatient: ProviderAgents = { ...agents, calls: new Agent({ headersTimeout: 200, bodyTimeout: 200 }) };
    server.answers.push(begin);
    const { signal } = new AbortController();
    const call = { operation: 'read', method: 'GET', path: '/', signal } as const;
    const error = await errorOf(connectionTo(providers.tiro, { agents: impatient }).call(call, anything));
    expect(error).toMatchObject({ kind: 'unavailable', neverSent: false });
    expect(error.words).toMatch(/UND_ERR_(HEADERS|BODY)_TIMEOUT/);
    await impatient.calls.destroy();
  });

  it('knows that a refused connection sent nothing', async () => {
    const gone = await startApiServer();
    await gone.close();
    const { signal } = new AbortController();
    const call = { operation: 'read', method: 'GET', path: '/', signal } as const;
    const error = await errorOf(connectionTo(providers.tiro, { baseUrl: gone.url }).call(call, anything));
    expect(error).toMatchObject({ kind: 'unavailable', neverSent: true });
  });

  it('ends with the caller’s own reason when it is aborted', async () => {
    server.answers.push(() => undefined);
    const controller = new AbortController();
    const reply = callWith({ signal: controller.signal });
    reply.catch(() => undefined);
    await eventually('the request has arrived', () => server.requests.length > 0);
    const reason = new Error('cancelled by the user');
    controller.abort(reason);
    await expect(reply).rejects.toBe(reason);
  });

  it('knows that nothing was sent where its turn did not come in time', async () => {
    const take = (signal: AbortSignal) =>
      new Promise<void>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      });
    const call = { operation: 'create', method: 'POST', path: '/' } as const;
    const connection = connectionTo(providers.tiro, { turns: { ...unlimited, take } });
    const late = connection.call({ ...call, signal: AbortSignal.timeout(50) }, anything);
    expect(await errorOf(late)).toMatchObject({ kind: 'rate-limited', neverSent: true });
    const controller = new AbortController();
    const reply = connection.call({ ...call, signal: controller.signal }, anything);
    const reason = new Error('cancelled by the user');
    controller.abort(reason);
    await expect(reply).rejects.toBe(reason);
    expect(server.requests).toEqual([]);
  });

  it('calls a time-out that the caller set what it is: no answer', async () => {
    server.answers.push(() => undefined);
    const controller = new AbortController();
    const call = errorOf(callWith({ method: 'POST', signal: controller.signal }));
    await eventually('it was sent', () => server.requests.length > 0);
    controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    const error = await call;
    expect(error).toMatchObject({ kind: 'unavailable', neverSent: false });
    expect(error.words).toMatch(/time-?out/i);
  });

  test.each([
    ['an error body', answer(401, { error: { code: `invalid:${key}`, message: `the key ${key} is unknown` } })],
    ['a body that is no JSON', answer(200, `<html>Bearer ${key}</html>`)],
    ['a body that is cut in the middle of the key', answer(200, `${'x'.repeat(160)}${key}`)],
    ['an error of unknown shape', answer(500, { headers: { authorization: `Bearer ${key}` } })],
    ['an error longer than the words', answer(500, `${'x'.repeat(285)}${key}`)],
  ])('keeps the key out of the error where %s echoes it', async (_what, script) => {
    server.answers.push(script);
    const error = await errorOf(callWith({}, z.object({ id: z.string() })));
    const shown = `${inspect(error)} ${error.message} ${error.stack ?? ''}`;
    expect(shown).not.toContain('canary');
    expect(shown).not.toContain(key.slice(0, 8));
  });
});
