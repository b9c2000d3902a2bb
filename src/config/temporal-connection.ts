import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ConnectionOptions } from '@temporalio/client';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { redact } from '../http/redact.ts';
import { ConfigurationError } from './configuration-error.ts';

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
 * Reads Temporal's own settings (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, TLS, profiles) as its tools do.
 * @throws ConfigurationError where they name a profile or a file that is not there or not valid, or an address is none.
 */
export function readTemporalSettings(): TemporalSettings {
  const { connectionOptions, namespace } = loadSettings();
  // An empty variable is "not set", as in all other settings.
  const address = connectionOptions.address?.trim() || '127.0.0.1:7233';
  if (!/^([^\s/:@]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(address)) {
    const problem = `expected host:port, for instance 127.0.0.1:7233; it is "${redact(address)}"`;
    throw new ConfigurationError([{ variable: 'TEMPORAL_ADDRESS', problem }]);
  }
  return { connectionOptions, address, namespace: namespace?.trim() || 'default' };
}
