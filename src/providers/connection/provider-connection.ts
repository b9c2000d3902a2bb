import type { Readable } from 'node:stream';
import type { FormData } from 'undici';
import { request } from 'undici';
import type { Provider } from '../provider.ts';
import type { ProviderAgents } from '../../http/agents.ts';
import { countedRequest } from './counted-request.ts';
import { type BodySchema, checkShape, type ProviderAnswer, toRefusal } from './provider-answer.ts';
import { ProviderError } from './provider-error.ts';
import { describeNetworkError, rethrowCancellation, wasNeverSent } from '../../http/network-error.ts';
import { redact } from '../../http/redact.ts';
import { isTooLarge, mostResultTextBytes, mostTextBytes, readText } from '../../http/response-size.ts';
import { readDateMs } from '../../http/retry-after.ts';
import { openSealed, seal } from './seal.ts';
import { type Turns, unlimited } from './turns.ts';

/** One request to a provider's API. */
export interface ProviderCall {
  /** In words, for messages: `create a Tiro job`. */
  operation: string;
  /** How it is counted, where its words name one of many. */
  countedAs?: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the provider's base URL, with its ids already percent-encoded. */
  path: string;
  query?: Record<string, string | number | boolean>;
  json?: unknown;
  /** A multipart form or another long body; goes over the pool for transfers. */
  body?: Readable | FormData;
  headers?: Record<string, string>;
  /** The answer is a result, which may be large; it comes over the pool for transfers. */
  isResult?: boolean;
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
  /** When the key's rate allows one more call; by default nothing limits it. */
  turns?: Turns;
}

/** A provider's API as one credential sees it. The key stays inside. */
export interface ProviderConnection {
  /**
   * Sends one request and checks the answer; makes no second attempt.
   * @throws ProviderError for everything but a 2xx whose body fits the schema.
   */
  call<T>(call: ProviderCall, schema: BodySchema<T>): Promise<ProviderReply<T>>;
  readonly agents: ProviderAgents;
  /** In how many milliseconds to come again with what can wait, where many wait before it; 0 where its turn is near. */
  comeAgainInMs(): number;
  /** Takes this credential's key, and whatever looks like a secret, out of the provider's words. */
  redact(words: string): string;
  /** Encrypts a text so that only this credential's key opens it. */
  seal(text: string): string;
  /** Opens what was sealed; `null` where that was with another key. */
  open(sealed: string): string | null;
}

const resultWithinMs = 60_000;

async function send(options: ProviderConnectionOptions, call: ProviderCall): Promise<ProviderAnswer> {
  const { provider, baseUrl, key, agents } = options;
  const url = new URL(baseUrl.replace(/\/+$/, '') + call.path);
  for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, String(value));
  try {
    const response = await request(url, {
      method: call.method,
      dispatcher: call.body === undefined && !call.isResult ? agents.calls : agents.transfers,
      ...(call.isResult ? { headersTimeout: resultWithinMs } : {}),
      signal: call.signal,
      headers: {
        accept: 'application/json',
        ...(call.json === undefined ? {} : { 'content-type': 'application/json' }),
        ...call.headers,
        ...provider.authorize(key),
      },
      body: call.json === undefined ? (call.body ?? null) : JSON.stringify(call.json),
    });
    const { statusCode: status, headers } = response;
    const text = await readText(response, call.isResult ? mostResultTextBytes : mostTextBytes).catch(
      (error: unknown) => {
        // The status of a refusal says enough.
        if (status > 299 && isTooLarge(error)) return describeNetworkError(error);
        throw error;
      },
    );
    return { status, headers, text };
  } catch (error) {
    rethrowCancellation(call.signal);
    throw new ProviderError({
      kind: isTooLarge(error) ? 'too-large' : 'unavailable',
      operation: call.operation,
      words: redact(describeNetworkError(error), [key]),
      neverSent: wasNeverSent(error),
    });
  }
}

/** Joins a provider's module with a base URL and a key. */
export function createProviderConnection(options: ProviderConnectionOptions): ProviderConnection {
  const { agents, turns = unlimited } = options;
  const { observer } = agents;
  let hasTurn = false;
  return {
    agents,
    comeAgainInMs: () => {
      const when = turns.comeAgain();
      hasTurn = when === 'taken';
      return when === 'taken' ? 0 : when;
    },
    redact: (words) => redact(words, [options.key]),
    seal: (text) => seal(options.key, text),
    open: (sealed) => openSealed(options.key, sealed),
    async call(call, schema) {
      const turn = hasTurn ? Promise.resolve() : turns.take(call.signal);
      hasTurn = false;
      await turn.catch(() => {
        rethrowCancellation(call.signal);
        const words = 'its turn within the published rate did not come in time';
        throw new ProviderError({ kind: 'rate-limited', operation: call.operation, words, neverSent: true });
      });
      return countedRequest(observer, call.countedAs ?? call.operation, async () => {
        const answer = await send(options, call);
        if (answer.status < 200 || answer.status > 299) throw toRefusal(options, call.operation, answer);
        const data = checkShape(options, call.operation, answer, schema);
        return { status: answer.status, data, providerNowMs: readDateMs(answer.headers) ?? Date.now() };
      });
    },
  };
}
