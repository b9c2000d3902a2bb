import { addAbortListener } from 'node:events';
import { RateLimiter } from 'limiter';
import { createProviderAgents, type ProviderAgents } from '../../http/agents.ts';
import { createProviderConnection, type ProviderConnection } from './provider-connection.ts';
import type { RateLimit } from '../provider.ts';
import { providers, type ProviderName } from '../registry.ts';

/** Turns an alias into a key; asked anew at each attempt, so that a rotated key is picked up. */
export type ResolveCredential = (provider: ProviderName, alias: string) => Promise<string>;

/** What connections to providers are made from. */
export interface ProviderConnectionsOptions {
  baseUrls: Record<ProviderName, string>;
  resolveCredential: ResolveCredential;
  /** How often a key may be used; `undefined` where nothing limits it. */
  rateOf: (provider: ProviderName, alias: string) => RateLimit | undefined;
  timeScale: number;
}

/** Connections to every provider, by credential. */
export interface ProviderConnections {
  /** The key is resolved at each call, so that a rotated key is used at the next attempt. */
  connect: (provider: ProviderName, credential: string | undefined) => Promise<ProviderConnection>;
  close: () => Promise<void>;
}

/**
 * Shares one set of agents for each provider, and one token bucket for each provider and credential, so that
 * activities which make several calls stay within the published rate too.
 */
export function createProviderConnections(options: ProviderConnectionsOptions): ProviderConnections {
  const agents = new Map<ProviderName, ProviderAgents>();
  const limiters = new Map<string, RateLimiter>();

  function agentsOf(name: ProviderName): ProviderAgents {
    const known = agents.get(name) ?? createProviderAgents();
    agents.set(name, known);
    return known;
  }

  function turnTaker(name: ProviderName, credential: string): (signal: AbortSignal) => Promise<void> {
    const rateLimit = options.rateOf(name, credential);
    if (rateLimit === undefined) return () => Promise.resolve();
    const key = `${name}/${credential}`;
    const known = limiters.get(key) ?? createLimiter(rateLimit, options.timeScale);
    limiters.set(key, known);
    return async (signal) => {
      signal.throwIfAborted();
      await orAborted(known.removeTokens(1), signal);
    };
  }

  return {
    async connect(name, credential = 'default') {
      return createProviderConnection({
        provider: providers[name],
        baseUrl: options.baseUrls[name],
        key: await options.resolveCredential(name, credential),
        agents: agentsOf(name),
        takeTurn: turnTaker(name, credential),
      });
    },
    close: async () => {
      await Promise.all([...agents.values()].map((each) => each.close()));
    },
  };
}

const shareAtOnce = 1 / 20;

/**
 * A bucket that is full once and then filled evenly, so that no window, wherever it begins, has more than the limit: what
 * may go at once is taken off the rate.
 */
function createLimiter({ requests, perMs }: RateLimit, timeScale: number): RateLimiter {
  const atOnce = Math.max(1, Math.floor(requests * shareAtOnce));
  const evenly = Math.max(1, requests - atOnce);
  return new RateLimiter({ tokensPerInterval: atOnce, interval: (perMs * atOnce) / evenly / timeScale });
}

/** Waits for a promise that knows no signal; on an abort it is left to itself. */
function orAborted(waiting: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const listening = addAbortListener(signal, () => {
      reject(signal.reason as Error);
    });
    void waiting
      .then(() => {
        resolve();
      }, reject)
      .finally(() => {
        listening[Symbol.dispose]();
      });
  });
}
