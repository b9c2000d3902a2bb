import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy before a provider that lets so many calls a second through and answers the others with 429. */
export interface RateLimiterProxy {
  baseUrl: string;
  /** Calls since the last time this was asked, and how many of them were refused. */
  takeCounts: () => { calls: number; refused: number };
  close: () => Promise<void>;
}

/** Starts it before a base URL, which it keeps in the answers: what they point to is fetched directly. */
export async function startRateLimiter(
  baseUrl: string,
  { perSecond, retryAfterSeconds }: { perSecond: number; retryAfterSeconds: number },
): Promise<RateLimiterProxy> {
  const { host, hostname, port, pathname } = new URL(baseUrl);
  let counts = { calls: 0, refused: 0 };
  let tokens = perSecond;
  let countedAt = performance.now();
  const server = createServer((incoming, outgoing) => {
    const now = performance.now();
    tokens = Math.min(perSecond, tokens + ((now - countedAt) / 1000) * perSecond);
    countedAt = now;
    counts.calls += 1;
    if (tokens < 1) {
      counts.refused += 1;
      incoming.resume();
      const headers = { 'content-type': 'application/json', 'retry-after': String(retryAfterSeconds) };
      outgoing.writeHead(429, headers).end('{"error":{"code":429000,"message":"Too many requests"}}');
      return;
    }
    tokens -= 1;
    const { method, url: path, headers } = incoming;
    const forwarded = request({ hostname, port, method, path, headers: { ...headers, host } }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}${pathname}`,
    takeCounts: () => {
      const taken = counts;
      counts = { calls: 0, refused: 0 };
      return taken;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
