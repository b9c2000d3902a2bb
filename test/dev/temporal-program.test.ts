import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { startProgram } from '../../src/dev/temporal-program.ts';
import { fakeExecutable, scratchFolder } from './fake-executable.ts';
import { isRunning } from './is-running.ts';

const env = { PATH: '/usr/bin:/bin' };
const programModule = new URL('../../src/dev/temporal-program.ts', import.meta.url).href;

test.each([
  { script: 'exit 0', fault: null },
  { script: 'echo oh dear >&2; exit 7', fault: 'ended with exit code 7' },
  { script: 'kill -9 $$', fault: 'ended with SIGKILL' },
])('tells how "$script" ended', async ({ script, fault }) => {
  const program = startProgram({ path: await programFile(script), args: [], env, lastSignal: 'SIGKILL' });
  await expect(program.ended).resolves.toBe(fault);
  expect(program.stderrTail()).toBe(script.includes('oh dear') ? 'oh dear' : '');
});

test('tells when a program cannot be started', async () => {
  const program = startProgram({ path: '/nowhere/program', args: [], env, lastSignal: 'SIGKILL' });
  await expect(program.ended).resolves.toContain('ENOENT');
  await expect(program.stop()).resolves.toBeUndefined();
});

test('stops a wrapper script together with what it runs', async () => {
  const program = startProgram({
    path: await programFile('sleep 600 & echo $! >&2; wait'),
    args: [],
    env,
    lastSignal: 'SIGKILL',
  });
  const inner = await vi.waitFor(() => positive(Number(program.stderrTail())), { timeout: 20_000 });
  await program.stop();
  expect(isRunning(positive(program.pid))).toBe(false);
  await vi.waitFor(
    () => {
      expect(isRunning(inner)).toBe(false);
    },
    { timeout: 20_000 },
  );
});

test.each([
  { death: 'SIGINT', tail: '' },
  { death: 'SIGTERM', tail: '' },
  { death: 'an uncaught exception', tail: 'process.stdin.once("data", () => { throw new Error("uncaught"); });' },
])('ends the program when its starter dies of $death', async ({ death, tail }) => {
  const path = await programFile('exec sleep 600');
  const starter = spawn(
    process.execPath,
    [
      ...['--import', 'tsx', '--input-type=module', '--eval'],
      `import { startProgram } from ${JSON.stringify(programModule)};
       console.log(startProgram({ path: ${JSON.stringify(path)}, args: [], env: ${JSON.stringify(env)}, lastSignal: 'SIGKILL' }).pid);
       ${tail}`,
    ],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  );
  const [firstOutput] = (await once(starter.stdout, 'data')) as [Buffer];
  const pid = positive(Number(firstOutput.toString()));
  expect(isRunning(pid)).toBe(true);

  const exited = once(starter, 'exit');
  if (death.startsWith('SIG')) starter.kill(death as NodeJS.Signals);
  else starter.stdin.end('now');

  expect(await exited).toEqual(death.startsWith('SIG') ? [null, death] : [1, null]);
  await vi.waitFor(
    () => {
      expect(isRunning(pid)).toBe(false);
    },
    { timeout: 20_000 },
  );
});

async function programFile(script: string): Promise<string> {
  return fakeExecutable(join(await scratchFolder(), 'program'), script);
}

function positive(value: number | null): number {
  if (value === null || !(value > 0)) throw new Error(`not a process id: ${String(value)}`);
  return value;
}
