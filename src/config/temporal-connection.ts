import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ConnectionOptions } from '@temporalio/client';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { isLoopbackHost, parseProxy } from '../http/forward-proxy.ts';
import { redact } from '../http/redact.ts';
import { ConfigurationError } from './configuration-error.ts';
import { type Environment, notAProxy } from './settings-reader.ts';

/** Where Temporal is, for client and worker alike. */
export interface TemporalSettings {
  connectionOptions: ConnectionOptions & NativeConnectionOptions;
  address: string;
  namespace: string;
}

function loadSettings() {
  try {
    return loadClientConnectConfig();
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    const problem = `cannot be read: ${reason}; correct TEMPORAL_PROFILE or the file in TEMPORAL_CONFIG_FILE`;
    throw new ConfigurationError([{ variable: "Temporal's own settings", problem }]);
  }
}

/**
 * Reads Temporal's own settings (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, TLS, profiles) as its tools do; a proxy for
 * gRPC (`grpc_proxy`) is read from the given variables, by default from none.
 * @throws ConfigurationError where they name a profile or a file that is not there or not valid, or an address is none.
 */
export function readTemporalSettings(environment: Environment = {}): TemporalSettings {
  const { connectionOptions, namespace } = loadSettings();
  // An empty variable is "not set", as in all other settings.
  const address = connectionOptions.address?.trim() || '127.0.0.1:7233';
  if (!/^([^\s/:@]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(address)) {
    const problem = `expected host:port, for instance 127.0.0.1:7233; it is "${redact(address)}"`;
    throw new ConfigurationError([{ variable: 'TEMPORAL_ADDRESS', problem }]);
  }
  const proxied = { ...connectionOptions, ...connectionVia(readGrpcProxy(environment, address)) };
  return { connectionOptions: proxied, address, namespace: namespace?.trim() || 'default' };
}

/** How a server on this machine is connected to: never by a proxy, though gRPC would take one from the environment. */
export const localConnection = connectionVia(null);

function connectionVia(proxy: URL | null) {
  if (proxy === null) return { channelArgs: { 'grpc.enable_http_proxy': 0 } };
  const [username, password] = [proxy.username, proxy.password].map(decodeURIComponent);
  return {
    // The client's gRPC reads the same variable by itself; the worker's does not.
    channelArgs: { 'grpc.enable_http_proxy': 1 },
    proxy: {
      type: 'http-connect' as const,
      targetHost: `${proxy.hostname}:${proxy.port || '80'}`,
      ...(username && password ? { basicAuth: { username, password } } : {}),
    },
  };
}

/** The variable that gRPC itself goes by; what leads to providers need not lead to Temporal. */
function readGrpcProxy(environment: Environment, address: string): URL | null {
  const written = environment['grpc_proxy']?.trim();
  if (!written || isLoopbackHost(address.replace(/:\d+$/, ''))) return null;
  const url = parseProxy(written);
  if (url?.protocol === 'http:') return url;
  throw new ConfigurationError([{ variable: 'grpc_proxy', problem: notAProxy }]);
}
