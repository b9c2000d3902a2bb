import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { simulatedProviders, type SimulatedProvider } from '../../src/simulator/operations.ts';

// Keys of the tests, keys that `dev` and `demo` make up, and signatures of presigned addresses.
const canary = /canary-key-[0-9a-f]{12}|simulated\.[0-9a-f]{12}|X-Amz-Signature=[0-9a-f]{16}/;

const canaryKey = () => `canary-key-${randomBytes(12).toString('hex')}`;

/** Keys for a simulator that are found wherever they are repeated. */
export function canaryKeys(): Record<SimulatedProvider, string[]> {
  const keyOf = (provider: SimulatedProvider) => (provider === 'tiro' ? `${canaryKey()}.${canaryKey()}` : canaryKey());
  return Object.fromEntries(simulatedProviders.map((provider) => [provider, [keyOf(provider)]])) as Record<
    SimulatedProvider,
    string[]
  >;
}

/** Throws where a text repeats a key or a signature, with what stands around it. */
export function refuseCanaries(where: string, text: string): void {
  const found = canary.exec(text);
  if (found === null) return;
  const around = text.slice(Math.max(0, found.index - 200), found.index + 200);
  throw new Error(`A secret is recorded in ${where}: …${around.replaceAll(/[^ -~]+/g, ' ')}…`);
}

/** The same for every file below a folder; gives what all of them hold. */
export async function refuseCanariesBelow(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const text = await readFile(path, 'latin1');
      refuseCanaries(path, text);
      return text;
    });
  return (await Promise.all(texts)).join('');
}

/** The same for the database of a Temporal server that has stopped: all that a run recorded. */
export async function refuseCanariesInDatabase(folder: string): Promise<void> {
  const text = await refuseCanariesBelow(folder);
  // Every worker registers them: a database in which they cannot be read would hide a secret too.
  if (!text.includes('ProviderJobPhase')) throw new Error(`the database in ${folder} holds nothing that can be read`);
}
