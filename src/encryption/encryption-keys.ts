import { createSecretKey, type KeyObject } from 'node:crypto';

/** A key of payload encryption, and the name by which payloads point to it. */
export interface EncryptionKey {
  id: string;
  /** 32 bytes, for AES-256-GCM; a `KeyObject` shows itself in no log. */
  key: KeyObject;
}

/** Encryption keys are not written as they must be; the message shows nothing of them. Thrown by `parseEncryptionKeys`. */
export class EncryptionKeysError extends Error {
  override readonly name = 'EncryptionKeysError';
}

const idPattern = /^[\w.-]{1,64}$/;
const keyPattern = /^[\w+/-]{43}=?$/;

function parseEntry(entry: string, index: number): EncryptionKey {
  // Only the place is told: where id and key were swapped, the id is the key.
  const place = `entry ${String(index + 1)}`;
  const [id = '', encoded = '', ...rest] = entry.split(':');
  if (encoded === '' || rest.length > 0) throw new EncryptionKeysError(`${place} is not id:key`);
  if (!idPattern.test(id)) {
    throw new EncryptionKeysError(`${place} has an id that is not up to 64 letters, digits, dots, dashes, underscores`);
  }
  const bytes = Buffer.from(encoded, 'base64');
  if (!keyPattern.test(encoded) || bytes.length !== 32) {
    throw new EncryptionKeysError(
      `${place} has a key that is not 32 bytes in base64; openssl rand -base64 32 makes one`,
    );
  }
  return { id, key: createSecretKey(bytes) };
}

/**
 * Reads `id:base64` entries between commas or line ends; the first key encrypts, all of them decrypt.
 * @throws EncryptionKeysError
 */
export function parseEncryptionKeys(written: string): EncryptionKey[] {
  const keys = written
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(parseEntry);
  if (keys.length === 0) throw new EncryptionKeysError('no key is given; write id:key');
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new EncryptionKeysError('two keys have the same id');
  return keys;
}
