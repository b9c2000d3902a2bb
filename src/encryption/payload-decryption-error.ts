/** A payload is encrypted and cannot be read with the keys that we have; names the key's id, never a key. */
export class PayloadDecryptionError extends Error {
  override readonly name = 'PayloadDecryptionError';
}
