import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { EncryptionCodec } from './encryption-codec.ts';
import type { EncryptionKey } from './encryption-keys.ts';

/** Where the failure converter is, which workers and workflow bundles load by its path. */
export const failureConverterPath = fileURLToPath(
  new URL(`./failure-converter.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
);

/**
 * The data converter for a Temporal `Client` or `Worker` that encrypts payloads and the words of failures; without keys
 * it changes nothing, and says which key is missing where it meets something encrypted.
 */
export function createDataConverter(keys: readonly EncryptionKey[]): DataConverter {
  const payloadCodecs = [new EncryptionCodec(keys)];
  return keys.length === 0 ? { payloadCodecs } : { payloadCodecs, failureConverterPath };
}
