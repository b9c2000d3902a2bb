import { stat } from 'node:fs/promises';
import { eventually } from './eventually.ts';

/** Waits until nothing about a file has changed for so long. */
export async function rested(path: string, forMs: number): Promise<void> {
  await eventually(`${path} has rested`, async () => {
    const { mtimeMs, ctimeMs } = await stat(path);
    return Date.now() - Math.max(ctimeMs, mtimeMs) > forMs;
  });
}
