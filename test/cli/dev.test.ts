import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { allQueues, countPollers } from '../../src/cli/task-queue-pollers.ts';
import { isRunning } from '../dev/is-running.ts';
import { eventually } from '../setup/eventually.ts';
import { namespaceOf } from '../setup/namespaces.ts';
import { lastJson, runProgram, startProgram } from './run-program.ts';

let dev: ReturnType<typeof startProgram>;
const namespace = namespaceOf(expect.getState().testPath ?? '');
const theirs = { TEMPORAL_ADDRESS: inject('temporalAddress'), TEMPORAL_NAMESPACE: namespace };

async function pollersOf(stem: string): Promise<Set<number>> {
  const connection = await Connection.connect({ address: theirs.TEMPORAL_ADDRESS });
  try {
    const counts = allQueues(stem).map((queue) => countPollers(connection, namespace, queue));
    return new Set(await Promise.all(counts));
  } finally {
    await connection.close();
  }
}

beforeAll(async () => {
  dev = startProgram(['dev', '--live', '--simulator-port', '0'], {
    ...theirs,
    // Nobody is there; a key makes this one provider real.
    SLNG_BASE_URL: 'http://127.0.0.1:1/slng',
    SLNG_API_KEY: 'canary-5f1d',
    PROVIDER_JOBS_HEALTH_PORT: '0',
    // That of the real workers on the same server.
    PROVIDER_JOBS_TASK_QUEUE: 'real-jobs',
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

test('dev on a server of somebody else leaves the queues of others alone, and says so', async () => {
  const { stdout } = dev.written;
  expect(stdout).toContain('task queues here are those of real-jobs-dev');
  expect(stdout).toContain('export PROVIDER_JOBS_TASK_QUEUE=real-jobs-dev\n');
  for (const stem of ['provider-jobs', 'real-jobs']) expect(await pollersOf(stem), stem).toEqual(new Set([0]));
  await expect.poll(() => pollersOf('real-jobs-dev')).not.toContain(0);
});

test('demo on a server of somebody else has queues and jobs that nobody else has', async () => {
  const demo = await runProgram(['demo', '--json'], {
    ...theirs,
    // Also where it is not the usual one, the stem is that of real jobs.
    PROVIDER_JOBS_TASK_QUEUE: 'real-jobs',
    PROVIDER_JOBS_DEPLOYMENT_NAME: 'real-jobs',
    PROVIDER_JOBS_BUILD_ID: '1',
    TIRO_API_KEY__ACME: 'canary-5f1d',
    TIRO_RATE__ACME: '300/m',
    PROVIDER_JOBS_METRICS: '192.0.2.1:9464',
    PROVIDER_JOBS_SOURCE_ROOTS: '/nowhere',
    PROVIDER_JOBS_TIME_SCALE: '10',
  });
  expect(demo).toMatchObject({ exitCode: 0 });
  const { workflowId } = lastJson(demo) as { workflowId: string };
  const [, name = ''] = /^media-pipeline\/(demo-[0-9a-f]{16})$/.exec(workflowId) ?? [];
  expect(demo.stderr).toContain(`task queues here are those of provider-jobs-${name} `);
  expect(await pollersOf(`provider-jobs-${name}`)).not.toContain(0);
  for (const stem of ['provider-jobs', 'real-jobs']) expect(await pollersOf(stem), stem).toEqual(new Set([0]));
}, 150_000);

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
