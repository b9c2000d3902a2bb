import { createProviderAgents, type ProviderAgents, type TrafficObserver } from '../../http/agents.ts';
import type { ForwardProxies } from '../../http/forward-proxy.ts';
import { outcomeOf } from './counted-request.ts';
import { createProviderConnection, type ProviderConnection } from './provider-connection.ts';
import type { RateLimit } from '../provider.ts';
import { providers, type ProviderName } from '../registry.ts';
import { createTurns, type Turns, unlimited } from './turns.ts';

/** Turns an alias into a key; asked anew at each attempt, so that a rotated key is picked up. */
export type ResolveCredential = (provider: ProviderName, alias: string) => Promise<string>;

/** What connections to providers are made from. */
export interface ProviderConnectionsOptions {
  baseUrls: Record<ProviderName, string>;
  resolveCredential: ResolveCredential;
  /** How often a key may be used; `undefined` where nothing limits it. */
  rateOf: (provider: ProviderName, alias: string) => RateLimit | undefined;
  timeScale: number;
  /** Default none. */
  proxies?: ForwardProxies | undefined;
  /** Hears what goes over each provider's connections. */
  observe?: ((provider: ProviderName) => TrafficObserver) | undefined;
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
  const turns = new Map<string, Turns>();

  function agentsOf(name: ProviderName): ProviderAgents {
    const known = agents.get(name) ?? createProviderAgents(options.proxies, options.observe?.(name));
    agents.set(name, known);
    return known;
  }

  function turnsOf(name: ProviderName, credential: string): Turns {
    const rateLimit = options.rateOf(name, credential);
    if (rateLimit === undefined) return unlimited;
    const key = `${name}/${credential}`;
    const known = turns.get(key) ?? createTurns(rateLimit, options.timeScale);
    turns.set(key, known);
    return timed(known, agentsOf(name).observer);
  }

  async function keyOf(name: ProviderName, credential: string): Promise<string> {
    try {
      return await options.resolveCredential(name, credential);
    } catch (error) {
      // A key that is not there is refused like one that the provider does not know.
      agentsOf(name).observer?.ended('find the key', outcomeOf(error));
      throw error;
    }
  }

  return {
    async connect(name, credential = 'default') {
      return createProviderConnection({
        provider: providers[name],
        baseUrl: options.baseUrls[name],
        key: await keyOf(name, credential),
        agents: agentsOf(name),
        turns: turnsOf(name, credential),
      });
    },
    close: async () => {
      await Promise.all([...agents.values()].map((each) => each.close()));
    },
  };
}

function timed(turns: Turns, observer: TrafficObserver | undefined): Turns {
  if (observer === undefined) return turns;
  return {
    ...turns,
    take: async (signal) => {
      const askedAtMs = performance.now();
      try {
        await turns.take(signal);
      } finally {
        // Also of a turn that never came.
        observer.waited(performance.now() - askedAtMs);
      }
    },
  };
}
