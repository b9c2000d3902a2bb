import { type Dispatcher, request } from 'undici';
import { createAgent, type ForwardProxies } from '../http/forward-proxy.ts';

/** A request as AWS's client hands it over, as far as it is sent. */
interface S3Request {
  protocol: string;
  hostname: string;
  port?: number;
  method: string;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: Dispatcher.DispatchOptions['body'];
}

interface S3Response {
  response: { statusCode: number; headers: Record<string, string>; body: unknown };
}

/** Sends the requests of AWS's client, in place of its own connections. */
export interface S3RequestHandler {
  handle(request: S3Request, options?: { abortSignal?: unknown }): Promise<S3Response>;
  destroy(): void;
}

const encode = (text: string) =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

function queryOf(query: S3Request['query'] = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((each) => (each === null ? encode(name) : `${encode(name)}=${encode(each)}`)),
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

// What the connection itself sees to.
const ofConnection = new Set(['expect', 'transfer-encoding']);

/** Leads AWS's client by forward proxies, as everything else is led; a proxy that refuses is a `ForwardProxyError`. */
export function createProxiedHandler(
  proxies: ForwardProxies,
  { connectTimeoutMs, answerTimeoutMs }: { connectTimeoutMs: number; answerTimeoutMs: number },
): S3RequestHandler {
  const times = { headersTimeout: answerTimeoutMs, bodyTimeout: answerTimeoutMs };
  const dispatcher = createAgent(times, { timeout: connectTimeoutMs }, proxies);
  return {
    async handle({ protocol, hostname, port, method, path, query, headers, body }, { abortSignal } = {}) {
      const sent = Object.entries(headers).filter(([name]) => !ofConnection.has(name.toLowerCase()));
      const answer = await request(
        `${protocol}//${hostname}${port === undefined ? '' : `:${String(port)}`}${path}${queryOf(query)}`,
        {
          ...{ dispatcher, headers: Object.fromEntries(sent), body: body ?? null },
          method: method,
          ...(abortSignal instanceof AbortSignal ? { signal: abortSignal } : {}),
        },
      );
      // Who does not read a body hears nothing of its end.
      answer.body.on('error', () => undefined);
      const said = Object.entries(answer.headers).map(([name, value]) => [name, [value].flat().join(', ')] as const);
      return {
        response: { statusCode: answer.statusCode, headers: Object.fromEntries(said), body: answer.body },
      };
    },
    destroy() {
      void dispatcher.destroy();
    },
  };
}
