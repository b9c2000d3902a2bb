import { readFileSync } from 'node:fs';
import { type EncryptionKey, EncryptionKeysError, parseEncryptionKeys } from './encryption-keys.ts';

const variable = 'PROVIDER_JOBS_ENCRYPTION_KEYS';
const fileVariable = `${variable}_FILE`;

function readText(value: string | undefined, path: string | undefined): string | undefined {
  if (path === undefined) return value;
  if (value !== undefined) throw new EncryptionKeysError(`set either this or ${variable}, not both`);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new EncryptionKeysError(`the file that it names cannot be read${reason}`);
  }
}

/** Reads the encryption keys of an environment, none where encryption is off; a fault is told and gives none. */
export function readEncryptionKeys(
  environment: Readonly<Record<string, string | undefined>>,
  onFault: (variable: string, problem: string) => void,
): EncryptionKey[] {
  // As everywhere, empty means "not set".
  const value = environment[variable]?.trim() || undefined;
  const path = environment[fileVariable]?.trim() || undefined;
  try {
    const written = readText(value, path);
    return written === undefined ? [] : parseEncryptionKeys(written);
  } catch (error) {
    if (!(error instanceof EncryptionKeysError)) throw error;
    onFault(path === undefined ? variable : fileVariable, error.message);
    return [];
  }
}
