import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ConnectionOptions } from '@temporalio/client';
import type { NativeConnectionOptions } from '@temporalio/worker';

/** Where Temporal is, for client and worker alike. */
export interface TemporalSettings {
  connectionOptions: ConnectionOptions & NativeConnectionOptions;
  address: string;
  namespace: string;
}

/** Reads Temporal's own settings (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, TLS, profiles) as its tools do. */
export function readTemporalSettings(): TemporalSettings {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  return {
    connectionOptions: connectionOptions,
    address: connectionOptions.address ?? '127.0.0.1:7233',
    namespace: namespace ?? 'default',
  };
}
