import type { Dispatcher } from 'undici';
import { createAgent, isDirect, noProxies } from '../http/forward-proxy.ts';
import { ForwardProxyError } from '../http/proxy-client.ts';
import type { SourceOptions } from './media-source.ts';
import { checkBehindProxy, createSourceConnector, PrivateAddressError } from './source-connector.ts';
import { SourceError } from './source-error.ts';
import { isAllowedHttpUrl, redactUri } from './source-uri.ts';

const defaultTimeoutMs = 30_000;
// As many as podcasts need, whose measuring prefixes are a redirect each.
const maxRedirects = 10;
const redirectStatuses = new Set([301, 302, 303, 307, 308]);
// What is neither content nor a refusal makes no sense, and may pass as an outage does.
const isPassing = (status: number) => status >= 500 || status < 400 || [408, 425, 429].includes(status);

/** Sends GET requests for one source, and nothing that identifies us: no cookies, no authorization. */
export interface HttpsClient {
  /** The answer after at most ten redirects; throws a `SourceError` for one that is not a success, save 412 and 416. */
  get(headers: Record<string, string>, signal: AbortSignal | undefined): Promise<Dispatcher.ResponseData>;
  /** Whether every connection so far was to a public address. */
  isPublic(): boolean;
  close(): Promise<void>;
}

/** Makes the client for the source at `url`, with connections of its own. */
export function createHttpsClient(url: URL, options: SourceOptions): HttpsClient {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const connect = { timeout: timeoutMs, ...(options.ca === undefined ? {} : { ca: options.ca }) };
  let isPublic = true;
  const mayReachPrivate = (): boolean => {
    isPublic = false;
    return options.allowPrivateAddresses === true;
  };
  const { proxies = noProxies } = options;
  const agent = createAgent(
    { headersTimeout: timeoutMs, bodyTimeout: timeoutMs },
    connect,
    proxies,
    createSourceConnector(connect, mayReachPrivate),
  );
  const shown = redactUri(url.href);
  return {
    async get(headers, signal) {
      const visited = new Set<string>();
      for (let target = url; visited.size <= maxRedirects;) {
        visited.add(target.href);
        if (!isDirect(proxies)) await checkFor(shown, target, mayReachPrivate);
        const answer = await request(agent, shown, target, headers, signal);
        if (!redirectStatuses.has(answer.statusCode)) return await checkStatus(shown, answer);
        await discard(answer);
        target = redirectTarget(shown, target, answer);
        if (visited.has(target.href))
          throw new SourceError('refused', `${shown} redirects in a circle; give the final URI`);
      }
      throw new SourceError(
        'refused',
        `${shown} redirects more than ${String(maxRedirects)} times; give the final URI`,
      );
    },
    isPublic: () => isPublic,
    close: () => agent.destroy(),
  };
}

/** Ends an answer whose body nobody wants: a short one is read, so that its connection stays of use. */
export async function discard(answer: Dispatcher.ResponseData): Promise<void> {
  await answer.body.dump({ limit: 1024 }).catch(() => undefined);
}

/** The error for an answer that makes no sense, which may pass as an outage does. */
export function nonsense(message: string): SourceError {
  return new SourceError('unreadable', `${message}; try again later, or give a file: URI instead`, { retryable: true });
}

/** The error for a connection, answer or body that broke; an abort of ours is given back as it is. */
export function toNetworkError(shownUri: string, error: unknown, signal: AbortSignal | undefined): unknown {
  if (error instanceof SourceError || signal?.aborted === true) return error;
  if (error instanceof PrivateAddressError) {
    const message = `${shownUri} is, or redirects to, an address of this machine or of a private network`;
    return new SourceError(
      'refused',
      `${message}; give a public one, or set PROVIDER_JOBS_ALLOW_PRIVATE_SOURCES=true on the workers`,
    );
  }
  if (error instanceof ForwardProxyError) {
    return new SourceError('unreadable', `${shownUri} cannot be read now: ${error.message}`, { retryable: true });
  }
  const isCoded = error instanceof Error && 'code' in error && typeof error.code === 'string';
  const code = isCoded ? String(error.code) : error instanceof Error ? error.name : 'unknown error';
  const message = `${shownUri} cannot be read now (${code}); check that the server is up and reachable from this machine`;
  return new SourceError('unreadable', message, { retryable: true });
}

async function checkFor(shown: string, { hostname }: URL, mayReachPrivate: () => boolean): Promise<void> {
  try {
    await checkBehindProxy(hostname, mayReachPrivate);
  } catch (error) {
    throw toNetworkError(shown, error, undefined);
  }
}

async function request(
  agent: Dispatcher,
  shown: string,
  url: URL,
  headers: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<Dispatcher.ResponseData> {
  try {
    const answer = await agent.request({
      ...{ origin: url.origin, path: url.pathname + url.search, method: 'GET', signal: signal ?? null },
      headers: { ...headers, accept: '*/*', 'accept-encoding': 'identity' },
    });
    // Who reads the body hears of its end by reading; an error while nobody does would end the process.
    answer.body.on('error', () => undefined);
    return answer;
  } catch (error) {
    throw toNetworkError(shown, error, signal);
  }
}

async function checkStatus(shown: string, answer: Dispatcher.ResponseData): Promise<Dispatcher.ResponseData> {
  const { statusCode } = answer;
  if ([200, 206, 412, 416].includes(statusCode)) return answer;
  await discard(answer);
  throw new SourceError('unreadable', `${shown} answers with status ${String(statusCode)}; ${adviceFor(statusCode)}`, {
    retryable: isPassing(statusCode),
  });
}

function adviceFor(statusCode: number): string {
  if (statusCode === 401 || statusCode === 403) return 'it must be readable without credentials';
  if (statusCode === 404 || statusCode === 410) return 'check that it still exists';
  return isPassing(statusCode) ? 'try again later' : 'it must answer a GET request with the content';
}

function redirectTarget(shown: string, from: URL, answer: Dispatcher.ResponseData): URL {
  const location = readLocation(answer.headers.location);
  if (location === null || !URL.canParse(location, from.href)) {
    throw nonsense(`${shown} redirects without saying where to`);
  }
  const target = new URL(location, from);
  if (isAllowedHttpUrl(target) && (target.protocol === 'https:' || from.protocol === 'http:')) return target;
  throw new SourceError('refused', `${shown} redirects to a place that is not https; give the final https: URI`);
}

/** A header's bytes come as one character each; where they are UTF-8 they are read as that. */
function readLocation(location: string | string[] | undefined): string | null {
  if (typeof location !== 'string') return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(location, 'latin1'));
  } catch {
    return location;
  }
}
