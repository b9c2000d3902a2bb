import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy before a provider that lets so many calls through in any window of time, and answers the others with 429. */
export interface RateLimiterProxy {
  baseUrl: string;
  /** Calls since the last time this was asked, and how many of them were refused. */
  takeCounts: () => { calls: number; refused: number };
  close: () => Promise<void>;
}

/** Starts it before a base URL, which it keeps in the answers: what they point to is fetched directly. */
export async function startRateLimiter(
  baseUrl: string,
  { requests, perMs }: { requests: number; perMs: number },
): Promise<RateLimiterProxy> {
  const { host, hostname, port, pathname } = new URL(baseUrl);
  let counts = { calls: 0, refused: 0 };
  // When the calls of the window were let through, the oldest first.
  const passed: number[] = [];
  const server = createServer((incoming, outgoing) => {
    const now = performance.now();
    while (passed[0] !== undefined && passed[0] <= now - perMs) passed.shift();
    counts.calls += 1;
    if (passed.length >= requests) {
      counts.refused += 1;
      incoming.resume();
      const retryAfter = String(Math.ceil(((passed[0] ?? now) + perMs - now) / 1000));
      const headers = { 'content-type': 'application/json', 'retry-after': retryAfter };
      outgoing.writeHead(429, headers).end('{"error":{"code":429000,"message":"Too many requests"}}');
      return;
    }
    passed.push(now);
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
