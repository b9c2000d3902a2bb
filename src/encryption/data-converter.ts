import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { EncryptionCodec } from './encryption-codec.ts';
import type { EncryptionKey } from './encryption-keys.ts';

/**
 * Where the failure converter is, which clients, workers and workflow bundles load by its path.
 * @throws Error in a program that was bundled into one file, where it is nowhere.
 */
export function findFailureConverter(): string {
  // A bundle in CommonJS knows no address of its own.
  const here = (import.meta as { url?: string }).url ?? '';
  const path = here && fileURLToPath(new URL(`./failure-converter.${here.endsWith('.ts') ? 'ts' : 'js'}`, here));
  if (existsSync(path)) return path;
  throw new Error('encryption needs a file of provider-jobs: leave the package out of the bundle, as an external one');
}

/**
 * The data converter for a Temporal `Client` or `Worker` that encrypts payloads and the words of failures; without keys
 * it changes nothing, and says which key is missing where it meets something encrypted.
 */
export function createDataConverter(keys: readonly EncryptionKey[]): DataConverter {
  const payloadCodecs = [new EncryptionCodec(keys)];
  return keys.length === 0 ? { payloadCodecs } : { payloadCodecs, failureConverterPath: findFailureConverter() };
}

/**
 * The data converter that does what another one does, and then encrypts as `createDataConverter` does. One that encrypts
 * already is left as it is, and so is the path of a failure converter: it must itself put words into payloads.
 */
export function addEncryption(keys: readonly EncryptionKey[], converter: DataConverter = {}): DataConverter {
  const { payloadCodecs = [] } = converter;
  if (payloadCodecs.some((codec) => codec instanceof EncryptionCodec)) return converter;
  const { payloadCodecs: ours = [], failureConverterPath } = createDataConverter(keys);
  const path = converter.failureConverterPath ?? failureConverterPath;
  return {
    ...converter,
    payloadCodecs: [...payloadCodecs, ...ours],
    ...(path === undefined ? {} : { failureConverterPath: path }),
  };
}
