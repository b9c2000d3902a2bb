import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '../../src/dev/free-port.ts';
import { type MeasuredProcess, spawnMeasured } from './child.ts';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const readyWithinMs = 60_000;

/** Starts our worker as its users do, and waits until it says that it works. */
export async function startOurWorker(env: NodeJS.ProcessEnv): Promise<MeasuredProcess> {
  if (!existsSync(program)) throw new Error('our worker is measured as built: run `npm run build` first');
  const port = String(await findFreePort());
  const { pid, kill, gone } = spawnMeasured(process.execPath, [program, 'worker'], {
    PATH: process.env['PATH'],
    PROVIDER_JOBS_HEALTH_PORT: port,
    PROVIDER_JOBS_LOG_LEVEL: 'error',
    ...env,
  });
  const giveUp = AbortSignal.timeout(readyWithinMs);
  const ended = { isGone: false };
  void gone.then(() => (ended.isGone = true));
  while (!(await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null))?.ok) {
    if (ended.isGone || giveUp.aborted) {
      await kill();
      throw new Error('our worker did not get to work');
    }
    await delay(50);
  }
  return { pid, kill };
}
