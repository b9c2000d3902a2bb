import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Lets `make` produce a file in a fresh folder beside `destination`, then renames it there in one step,
 * so that an interrupted making leaves no half file and several at once do no harm.
 */
export async function moveIntoPlace(destination: string, make: (folder: string) => Promise<string>): Promise<void> {
  await mkdir(dirname(destination), { recursive: true });
  const folder = await mkdtemp(join(dirname(destination), '.making-'));
  try {
    await rename(await make(folder), destination);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
