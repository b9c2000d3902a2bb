import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { isRunning } from '../dev/is-running.ts';
import { eventually } from '../setup/eventually.ts';
import { namespaceOf } from '../setup/namespaces.ts';
import { startProgram } from './run-program.ts';

let dev: ReturnType<typeof startProgram>;

beforeAll(async () => {
  dev = startProgram(['dev', '--live', '--simulator-port', '0'], {
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TEMPORAL_NAMESPACE: namespaceOf(expect.getState().testPath ?? ''),
    // Nobody is there; a key makes this one provider real.
    SLNG_BASE_URL: 'http://127.0.0.1:1/slng',
    SLNG_API_KEY: 'canary-5f1d',
    PROVIDER_JOBS_HEALTH_PORT: '0',
    PROVIDER_JOBS_RESULTS: join(tmpdir(), 'provider-jobs-dev-test'),
  });
  await eventually('everything is up', () => dev.written.stdout.includes('Ctrl-C stops everything'), 110_000);
});

afterAll(() => {
  dev.child.kill('SIGKILL');
});

test('dev says which services are real and which are simulated, and never shows a real key', () => {
  const { stdout, stderr } = dev.written;
  expect(stdout).toContain('REAL services, with your keys and at your cost: SLNG. Simulated: Soket, TwelveLabs, Tiro.');
  expect(stdout).toMatch(/export TIRO_BASE_URL=http:\/\/127\.0\.0\.1:\d+\/tiro\n/);
  expect(stdout).not.toContain('export SLNG_');
  expect(stdout + stderr).not.toContain('canary');
});

test('dev leaves clocks alone while a real service is used', () => {
  expect(dev.written.stdout).toContain('export PROVIDER_JOBS_TIME_SCALE=1\n');
});

test('children of dev end with it, also when it is killed outright', async () => {
  const children = [...dev.written.stdout.matchAll(/Started the \w+ \(pid (\d+)\)/g)].map(([, pid]) => Number(pid));
  expect(children).toHaveLength(2);
  expect(children.every(isRunning)).toBe(true);
  dev.child.kill('SIGKILL');
  await eventually('the children are gone', () => !children.some(isRunning), 30_000);
});
