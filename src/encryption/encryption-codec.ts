import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import type { EncryptionKey } from './encryption-keys.ts';
import { PayloadDecryptionError } from './payload-decryption-error.ts';
import { deserializePayload, serializePayload } from './payload-message.ts';

const cipherName = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
const encryptedEncoding = 'binary/encrypted';
const keyIdField = 'encryption-key-id';

function encrypt(payload: Payload, { id, key }: EncryptionKey): Payload {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(cipherName, key, nonce);
  const sealed = Buffer.concat([nonce, cipher.update(serializePayload(payload)), cipher.final(), cipher.getAuthTag()]);
  return { metadata: { encoding: Buffer.from(encryptedEncoding), [keyIdField]: Buffer.from(id) }, data: sealed };
}

function decrypt(sealed: Uint8Array, key: KeyObject): Payload {
  const decipher = createDecipheriv(cipherName, key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  return deserializePayload(Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]));
}

function textOf(metadata: Payload['metadata'], field: string): string {
  return Buffer.from(metadata?.[field] ?? []).toString();
}

/**
 * Encrypts payloads whole, metadata included, with AES-256-GCM under the first key, and decrypts with any; without keys
 * it leaves payloads as they are. What is not encrypted passes, so that encryption can be turned on under open jobs.
 */
export class EncryptionCodec implements PayloadCodec {
  /** Whether what goes out is encrypted. */
  readonly encrypts: boolean;
  readonly #first: EncryptionKey | undefined;
  readonly #keys: ReadonlyMap<string, KeyObject>;

  constructor(keys: readonly EncryptionKey[]) {
    this.#first = keys[0];
    this.#keys = new Map(keys.map(({ id, key }) => [id, key]));
    this.encrypts = keys.length > 0;
  }

  encode(payloads: Payload[]): Promise<Payload[]> {
    const first = this.#first;
    return Promise.resolve(first === undefined ? payloads : payloads.map((payload) => encrypt(payload, first)));
  }

  /** Rejects with a `PayloadDecryptionError`. */
  decode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.resolve().then(() => payloads.map((payload) => this.#open(payload)));
  }

  #open(payload: Payload): Payload {
    if (textOf(payload.metadata, 'encoding') !== encryptedEncoding) return payload;
    const id = textOf(payload.metadata, keyIdField).slice(0, 64);
    const key = this.#keys.get(id);
    if (key === undefined) {
      const known = this.#keys.size === 0 ? 'no key is set' : `there are ${[...this.#keys.keys()].join(', ')}`;
      throw new PayloadDecryptionError(
        `a payload is encrypted with the key "${id}", which is not among PROVIDER_JOBS_ENCRYPTION_KEYS (${known})`,
      );
    }
    try {
      return decrypt(payload.data ?? new Uint8Array(), key);
    } catch {
      throw new PayloadDecryptionError(
        `a payload that names the encryption key "${id}" does not open with it: the key is another one of the same ` +
          'name, or the payload was changed',
      );
    }
  }
}
