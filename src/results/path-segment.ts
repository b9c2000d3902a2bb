import { createHash } from 'node:crypto';
import { ResultStoreError } from './result-store-error.ts';

// Well below the 255 bytes of common file systems, since some of them store an encrypted, longer name.
const maxSegmentBytes = 140;

/**
 * Turns any text into the name of one file or folder: a leading dot and characters that a path cannot safely hold
 * become `=` and hexadecimal, halves of characters `=u` and hexadecimal, reversibly; what is then longer than 140 bytes
 * is cut and ends in `==` and a hash of the whole. Throws a `ResultStoreError` for an empty text.
 */
export function toPathSegment(text: string): string {
  if (text === '') {
    throw new ResultStoreError('INVALID_NAME', 'a result needs a name and a folder with no empty part in them');
  }
  const encoded = text.replaceAll(/^\.|[\p{Cc}\p{Cs}=/\\<>:"|?*]/gu, encodeCharacter);
  if (Buffer.byteLength(encoded) <= maxSegmentBytes) return encoded;
  const hash = createHash('sha256')
    .update(text, text.isWellFormed() ? 'utf8' : 'utf16le')
    .digest('hex')
    .slice(0, 32);
  // Streaming decoding leaves out a character of which the cut took a part.
  const kept = new TextDecoder().decode(Buffer.from(encoded).subarray(0, maxSegmentBytes - 34), { stream: true });
  return `${kept}==${hash}`;
}

/** The text that `toPathSegment` encoded, or null for a segment that holds a hash in place of it. */
export function fromPathSegment(segment: string): string | null {
  if (segment.includes('==')) return null;
  return segment.replaceAll(/=(?:u([0-9A-F]{4})|([0-9A-F]{2}))/g, (_match, half: string | undefined, code: string) =>
    String.fromCharCode(Number.parseInt(half ?? code, 16)),
  );
}

function encodeCharacter(character: string): string {
  const code = character.charCodeAt(0).toString(16).toUpperCase();
  return code.length === 4 ? `=u${code}` : `=${code.padStart(2, '0')}`;
}
