import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProgram } from '../cli/run-program.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

// Loaded before the program: SIGUSR2 is an error that nobody catches, in the one way and then the other.
const preload = `
  let count = 0;
  process.on('SIGUSR2', () => {
    count += 1;
    const error = new TypeError('cannot read ' + count + '; Bearer ' + process.env.TIRO_API_KEY);
    if (count % 2 === 0) void Promise.reject(error);
    else setImmediate(function thrower() { throw error; });
  });`;

let world: World;
beforeAll(async () => {
  world = await startWorld({ startWorker: false });
});
afterAll(() => world.close());

test('a worker that meets an error nobody caught lets its uploads end, says so, and ends with 70', async () => {
  const worker = startProgram(['worker'], {
    ...world.environment,
    PROVIDER_JOBS_HEALTH_PORT: '0',
    PROVIDER_JOBS_SHUTDOWN_GRACE: '30s',
    NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(preload)}`,
  });
  const { written } = worker;
  const health = await eventually('it is at work', () => /http:\S+(?=\/readyz)/.exec(written.stdout)?.[0], 60_000);
  const ask = async (path: string) => {
    const response = await fetch(health + path);
    return { status: response.status, body: await response.text() };
  };
  await eventually('it is ready', async () => (await ask('/readyz')).status === 200);

  const source = await world.writeSource('talk.wav', makeWav(5));
  const fault = world.simulator.addFault({ kind: 'hold', operation: 'tiro.storage-put' });
  const handle = await world.start('tiroTranscription', 'provider-job/tiro/held', { source });
  const puts = () => world.simulator.calls({ operation: 'tiro.storage-put' });
  await eventually('its upload is on its way', () => puts().length > 0);

  const faultsLogged = () => written.stdout.match(/"msg":"An error that nobody caught"/g)?.length ?? 0;
  worker.child.kill('SIGUSR2');
  await eventually('it drains', async () => (await ask('/readyz')).status === 503);
  expect((await ask('/readyz')).body).toContain('draining: An error that nobody caught: TypeError: cannot read 1');
  expect((await ask('/healthz')).status).toBe(200);
  worker.child.kill('SIGUSR2');
  await eventually('both are counted', () => faultsLogged() === 2);
  expect((await ask('/healthz')).status).toBe(200);
  world.simulator.release(fault);

  const { exitCode, stdout, stderr } = await worker.ended;
  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 70,
    stderr: expect.stringContaining('cannot read 1') as string,
  });
  expect(stdout).toMatch(/"kind":"uncaughtException","count":1,.*"stack":"TypeError: cannot read 1; .* at /);
  expect(stdout).toMatch(/"kind":"unhandledRejection","count":2/);
  expect(stdout + stderr).not.toContain(world.environment['TIRO_API_KEY']);

  await world.startWorker();
  expect(await handle.result()).toMatchObject({ phase: 'succeeded' });
  expect(puts()).toHaveLength(1);
});
