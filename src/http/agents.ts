import type { Dispatcher } from 'undici';
import { createAgent, type ForwardProxies } from './forward-proxy.ts';
import { mostResultBytes, mostTextBytes } from './response-size.ts';

/** Hears what goes over a provider's connections. */
export interface TrafficObserver {
  /** A request waited so many milliseconds for its turn within the rate of its key, and had it or gave up. */
  waited(ms: number): void;
  /** A request ended; `outcome` is `ok`, `broken-off` by us, or what was wrong in a word. */
  ended(operation: string, outcome: string): void;
  /** So much media left this machine, in a request that got through or not. */
  sent(bytes: number, isTaken: boolean): void;
}

/** The connection pools of one provider: one for its short calls, one for moving media and results. */
export interface ProviderAgents {
  calls: Dispatcher;
  transfers: Dispatcher;
  observer?: TrafficObserver | undefined;
  close(): Promise<void>;
}

/**
 * Opens keep-alive pools with time-outs and a cap on what an answer may weigh. Nothing is retried and no redirect
 * is followed here: Temporal retries, and a key must not travel to another host.
 */
export function createProviderAgents(proxies?: ForwardProxies, observer?: TrafficObserver): ProviderAgents {
  const connect = { timeout: 10_000 };
  const shared = { keepAliveTimeout: 30_000 };
  const callTimes = { headersTimeout: 30_000, bodyTimeout: 30_000 };
  const calls = createAgent({ ...shared, ...callTimes, maxResponseSize: mostTextBytes }, connect, proxies);
  // While a large body is under way undici counts the whole upload as waiting for headers; silence on the line is
  // watched by the transfer itself.
  const transferTimes = { headersTimeout: 0, bodyTimeout: 60_000 };
  const transfers = createAgent({ ...shared, ...transferTimes, maxResponseSize: mostResultBytes }, connect, proxies);
  return {
    calls,
    transfers,
    observer,
    close: async () => {
      await Promise.all([calls.destroy(), transfers.destroy()]);
    },
  };
}
