import type { Readable } from 'node:stream';
import type { FormData } from 'undici';
import { request } from 'undici';
import type { Provider } from '../provider.ts';
import type { ProviderAgents } from '../../http/agents.ts';
import { describeNetworkError, rethrowCancellation, wasNeverSent } from './classify.ts';
import { type BodySchema, checkShape, toRefusal } from './provider-answer.ts';
import { ProviderError } from './provider-error.ts';
import { redact } from '../../http/redact.ts';
import { readText } from '../../http/response-size.ts';
import { readDateMs } from '../../http/retry-after.ts';

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
  takeTurn: (signal: AbortSignal) => Promise<void>;
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

/** Joins a provider's module with a base URL and a key. */
export function createProviderConnection(options: ProviderConnectionOptions): ProviderConnection {
  return {
    agents: options.agents,
    redact: (words) => redact(words, [options.key]),
    async call(call, schema) {
      await options.takeTurn(call.signal).catch(() => {
        rethrowCancellation(call.signal);
        const words = 'its turn within the published rate did not come in time';
        throw new ProviderError({ kind: 'rate-limited', operation: call.operation, words, neverSent: true });
      });
      const answer = await send(options, call);
      if (answer.status < 200 || answer.status > 299) throw toRefusal(options, call.operation, answer);
      const data = checkShape(options, call.operation, answer, schema);
      return { status: answer.status, data, providerNowMs: readDateMs(answer.headers) ?? Date.now() };
    },
  };
}
