import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../setup/eventually.ts';
import { beginTiroJob } from '../setup/tiro-job.ts';
import { startWorld, type World } from '../setup/world.ts';
import { lastJson, runProgram, startProgram } from './run-program.ts';

let world: World;
let worker: ReturnType<typeof startProgram>;

beforeAll(async () => {
  world = await startWorld({ startWorker: false });
  worker = startProgram(['worker'], { ...world.environment, PROVIDER_JOBS_HEALTH_PORT: '0' });
  await eventually('the worker says that it works', () => worker.written.stdout.includes('Roles: workflows'), 90_000);
});

afterAll(async () => {
  worker.child.kill('SIGTERM');
  const { exitCode, stdout } = await worker.ended;
  await world.close();
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
});

describe('track', () => {
  test('ends with the outcome as the only line of standard output', async () => {
    const id = await beginTiroJob(world.simulator);
    const end = await runProgram(['track', 'tiro', id, '--json'], world.environment);
    expect(end.stdout.trimEnd().split('\n')).toHaveLength(1);
    const result = lastJson(end);
    expect(result).toMatchObject({
      workflowId: `provider-job/tiro/voice-file-job/${id}`,
      provider: 'tiro',
      resource: 'tiro.voice-file-job',
      jobId: id,
      phase: 'succeeded',
      status: 'COMPLETED',
      recognised: true,
      artifacts: [],
      failure: null,
      cleanup: null,
    });
    expect(result).toHaveProperty('runId');
    expect(result).toHaveProperty('statusCalls');
    expect(end.exitCode).toBe(0);
    expect(end.stderr).toContain('Web UI: ');
    expect(end.stderr).not.toContain('No worker polls');
  });

  test('ends with 1 and the failure type for an id that the provider does not know', async () => {
    const end = await runProgram(['track', 'tiro', 'no-such-job', '--json'], world.environment);
    expect(lastJson(end)).toMatchObject({ phase: null, failure: { type: 'JobNotFound' } });
    expect(end.exitCode).toBe(1);
  });

  test('ends with 1 for a job that failed at the provider, which is no failure of ours', async () => {
    const id = await beginTiroJob(world.simulator);
    world.simulator.setPlan('tiro', { jobId: id, outcome: 'failed', message: 'codec not supported' });
    const end = await runProgram(['track', 'tiro', id, '--json'], world.environment);
    const failed = { phase: 'failed', status: 'FAILED', message: 'codec not supported', failure: null };
    expect(lastJson(end)).toMatchObject(failed);
    expect(end.exitCode).toBe(1);
    expect(end.stderr).toContain('codec not supported');
    const asked = await runProgram(['status', `provider-job/tiro/voice-file-job/${id}`, '--json'], world.environment);
    expect(lastJson(asked)).toMatchObject(failed);
    expect(asked.stderr).toContain('Why: codec not supported');
  });

  test('stores the results where that is wanted, and says where', async () => {
    const id = await beginTiroJob(world.simulator);
    world.simulator.addFault({ kind: 'status', operation: 'tiro.transcript-summary', status: 404, times: 1 });
    const end = await runProgram(['track', 'tiro', id, '--collect', '--json'], world.environment);
    const folder = `provider-job/tiro/voice-file-job/${id}`;
    expect(lastJson(end)).toMatchObject({
      phase: 'succeeded',
      artifacts: [{ name: 'transcript.json' }, { name: 'transcript.txt' }, { name: 'transcript.vtt' }],
      missing: [{ name: 'summary.md' }],
      outcome: expect.stringContaining(`${folder}/outcome.json`) as string,
    });
    expect(end.stderr).toContain(`${folder}/transcript.vtt`);
    expect(end.stderr).toContain('no summary.md: ');
    expect(end.exitCode).toBe(0);
  });

  test('refuses to collect what has no results, before anything is started', async () => {
    const end = await runProgram(['track', 'soket', 'u-1', '--collect'], world.environment);
    expect(end.stderr).toContain('a soket.upload has no results; those that have are soket.batch');
    expect(end.exitCode).toBe(2);
  });

  test('shows plain lines elsewhere than on a terminal', async () => {
    const id = await beginTiroJob(world.simulator);
    const { exitCode, stdout } = await runProgram(['track', 'tiro', id], world.environment);
    expect(stdout).toMatch(new RegExp(`succeeded · COMPLETED · job ${id} · \\d+ status calls?`));
    expect(stdout).not.toContain('\u001b[');
    expect(exitCode).toBe(0);
  });
});

describe('a job that goes on', () => {
  const place = () => `provider-job/slng/cli-${world.namespace}`;

  test('is left by Ctrl-C, looked at by status, listed, and cancelled', async () => {
    world.simulator.setPlan('slng', { durationMs: 360_000_000 });
    const source = await world.writeSource('talk.wav', new Uint8Array(1000));
    const key = `cli-${world.namespace}`;
    const run = startProgram(['run', 'slng', source, '--key', key, '--json'], world.environment);
    await eventually('the job is created', () => run.written.stderr.includes('IN_PROGRESS'), 60_000);
    run.child.kill('SIGINT');
    const left = await run.ended;
    expect(left.exitCode).toBe(130);
    expect(lastJson(left)).toMatchObject({ workflowId: place(), phase: 'running', failure: null });
    expect(left.stderr).toContain(`provider-jobs cancel ${place()}`);

    const status = await runProgram(['status', place(), '--json'], world.environment);
    expect(status.exitCode).toBe(0);
    expect(lastJson(status)).toMatchObject({
      workflowStatus: 'RUNNING',
      provider: 'slng',
      jobId: expect.any(String) as string,
    });

    const list = async () =>
      lastJson(await runProgram(['list', '--running', '--provider', 'slng', '--json'], world.environment));
    await expect.poll(list).toMatchObject({ jobs: [{ workflowId: place(), phase: 'running' }], more: false });

    const cancel = await runProgram(['cancel', place(), '--json'], world.environment);
    expect(lastJson(cancel)).toMatchObject({ ended: true, workflowId: place(), failure: { type: 'Cancelled' } });
    const ended = await runProgram(['status', place()], world.environment);
    expect(ended.exitCode).toBe(1);
  }, 120_000);
});

test('a worker says which providers are off for want of a key, and serves its health port', async () => {
  expect(worker.written.stdout).toMatch(/Health: http:\/\/127\.0\.0\.1:\d+\/readyz/);
  expect(worker.written.stderr).toContain('PROVIDER_JOBS_TIME_SCALE is 100');
  const address = /http:\/\/127\.0\.0\.1:\d+/.exec(worker.written.stdout)?.[0] ?? '';
  const response = await fetch(`${address}/readyz`);
  expect(response.status).toBe(200);
});

test('a start warns where nobody polls the queues of the job', async () => {
  const namespace = 'default';
  const args = ['run', 'tiro', 'examples/media/speech.wav', '--detach', '--json'];
  const end = await runProgram(args, { ...world.environment, TEMPORAL_NAMESPACE: namespace });
  const queues = ['', '-tiro', '-tiro-transfer', '-tiro-collect'].map((suffix) => `provider-jobs${suffix}`);
  expect(end.stderr).toContain(`No worker polls ${queues.join(', ')}`);
  expect(end.exitCode).toBe(0);
  expect(lastJson(end)).toMatchObject({ provider: 'tiro', phase: null, failure: null });
});
