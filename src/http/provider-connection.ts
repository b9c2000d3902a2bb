import type { Readable } from 'node:stream';
import type { FormData } from 'undici';
import { request } from 'undici';
import type { IncomingHttpHeaders } from 'undici/types/header.js';
import { ZodError } from 'zod';
import type { Provider } from '../providers/provider.ts';
import type { ProviderAgents } from './agents.ts';
import { describeNetworkError, kindOfStatus, rethrowCancellation, wasNeverSent } from './classify.ts';
import { ProviderError } from './provider-error.ts';
import { redact } from './redact.ts';
import { readText } from './response-size.ts';
import { readDateMs, readRetryAfterMs } from './retry-after.ts';

/** One request to a provider's API. */
export interface ProviderCall {
  /** In words, for messages: `create a Tiro job`. */
  operation: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the provider's base URL, with its ids already percent-encoded. */
  path: string;
  query?: Record<string, string | number | boolean>;
  json?: unknown;
  /** A multipart form or another long body; goes over the pool for transfers. */
  body?: Readable | FormData;
  headers?: Record<string, string>;
  signal: AbortSignal;
}

/** A provider's answer whose body has the shape that was asked for. */
export interface ProviderReply<T> {
  status: number;
  data: T;
  /** The provider's clock when it answered, epoch milliseconds; ours where it does not say. */
  providerNowMs: number;
}

/** What a connection is made of. */
export interface ProviderConnectionOptions {
  provider: Provider;
  baseUrl: string;
  key: string;
  agents: ProviderAgents;
  /** Waits until the provider's published rate allows one more call. */
  takeTurn: () => Promise<void>;
}

/** What an answer's JSON body must look like: a zod schema, or anything that throws a `ZodError` like one. */
export interface BodySchema<T> {
  parse(body: unknown): T;
}

/** A provider's API as one credential sees it. The key stays inside. */
export interface ProviderConnection {
  /**
   * Sends one request and checks the answer; makes no second attempt.
   * @throws ProviderError for everything but a 2xx whose JSON body fits the schema.
   */
  call<T>(call: ProviderCall, schema: BodySchema<T>): Promise<ProviderReply<T>>;
  readonly agents: ProviderAgents;
  /** Takes this credential's key, and whatever looks like a secret, out of the provider's words. */
  redact(words: string): string;
}

async function send(options: ProviderConnectionOptions, call: ProviderCall) {
  const { provider, baseUrl, key, agents } = options;
  const url = new URL(baseUrl.replace(/\/$/, '') + call.path);
  for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, String(value));
  try {
    const response = await request(url, {
      method: call.method,
      dispatcher: call.body === undefined ? agents.calls : agents.transfers,
      signal: call.signal,
      headers: {
        accept: 'application/json',
        ...(call.json === undefined ? {} : { 'content-type': 'application/json' }),
        ...call.headers,
        ...provider.authorize(key),
      },
      body: call.json === undefined ? (call.body ?? null) : JSON.stringify(call.json),
    });
    return { status: response.statusCode, headers: response.headers, text: await readText(response) };
  } catch (error) {
    rethrowCancellation(call.signal);
    throw new ProviderError({
      kind: 'unavailable',
      operation: call.operation,
      words: redact(describeNetworkError(error), [key]),
      neverSent: wasNeverSent(error),
    });
  }
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal({ provider, key }: ProviderConnectionOptions, operation: string, answer: Answer): ProviderError {
  const body = parseJson(answer.text);
  const words = provider.readError(body);
  const location = typeof answer.headers.location === 'string' ? `redirect to ${answer.headers.location}` : undefined;
  const retryAfterMs = readRetryAfterMs(answer.headers, Date.now());
  const configuration = words.code !== undefined && provider.configurationCodes?.includes(words.code) === true;
  return new ProviderError({
    kind: configuration ? 'configuration-refused' : kindOfStatus(answer.status),
    operation,
    status: answer.status,
    words: redact(words.message ?? location ?? (answer.text === '' ? 'no body' : answer.text), [key]),
    ...(words.code === undefined ? {} : { code: redact(words.code, [key]) }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function checkShape<T>(
  options: ProviderConnectionOptions,
  call: ProviderCall,
  answer: Answer,
  schema: BodySchema<T>,
): T {
  const { provider, key } = options;
  const body = answer.text === '' ? null : parseJson(answer.text);
  const fault = (kind: 'not-found' | 'unexpected-response', words: string) =>
    new ProviderError({ kind, operation: call.operation, status: answer.status, words: redact(words, [key]) });
  if (body === undefined) throw fault('unexpected-response', `the body is not JSON: ${answer.text}`);
  const hidden = provider.findHiddenError?.(body) ?? null;
  if (hidden !== null) {
    throw fault(hidden.notFound ? 'not-found' : 'unexpected-response', hidden.message ?? 'an error without words');
  }
  try {
    return schema.parse(body);
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    const [issue] = error.issues;
    const field = issue?.path.join('.') ?? '';
    throw fault('unexpected-response', `the body has another shape: ${field} ${issue?.message ?? ''}`);
  }
}

/** Joins a provider's module with a base URL and a key. */
export function createProviderConnection(options: ProviderConnectionOptions): ProviderConnection {
  return {
    agents: options.agents,
    redact: (words) => redact(words, [options.key]),
    async call(call, schema) {
      await options.takeTurn();
      const answer = await send(options, call);
      if (answer.status < 200 || answer.status > 299) throw refusal(options, call.operation, answer);
      const data = checkShape(options, call, answer, schema);
      return { status: answer.status, data, providerNowMs: readDateMs(answer.headers) ?? Date.now() };
    },
  };
}
