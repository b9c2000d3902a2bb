import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { providerJobIdAttribute, providerNameAttribute } from '../../src/contract/search-attributes.ts';
import { type JobOutcome, ProviderJobs } from '../../src/index.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

const run = promisify(execFile);
const examples = fileURLToPath(new URL('../../examples', import.meta.url));

/** What it takes to run the examples of a language, in a folder of their own; fails where it cannot be had. */
const makers: Record<string, (folder: string) => Promise<(source: string, key: string) => Promise<string>>> = {
  async python(folder) {
    const python = join(folder, '.venv', 'bin', 'python');
    await run('python3', ['-m', 'venv', '.venv'], { cwd: folder });
    await run(python, ['-m', 'pip', 'install', '--quiet', '-r', 'requirements.txt'], { cwd: folder });
    return async (source, key) => (await run(python, ['start_job.py', source, key], { cwd: folder })).stdout;
  },
  async go(folder) {
    const program = join(folder, 'start-job');
    await run('go', ['build', '-o', program, '.'], { cwd: folder });
    return async (source, key) => (await run(program, [source, key], { cwd: folder })).stdout;
  },
};

describe.each(Object.entries(makers))('the examples in %s', (language, make) => {
  let world: World;
  let source: string;
  let folder: string;
  let startJob: ((source: string, key: string) => Promise<string>) | null = null;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'provider-jobs-language-'));
    await cp(join(examples, language), folder, { recursive: true });
    startJob = await make(folder).catch((error: unknown) => {
      console.warn(`NOT TESTED: the examples in ${language}, since this did not work: ${String(error)}`);
      return null;
    });
    world = await startWorld();
    Object.assign(process.env, {
      TEMPORAL_ADDRESS: world.environment.TEMPORAL_ADDRESS,
      TEMPORAL_NAMESPACE: world.namespace,
    });
    source = await world.writeSource('talk.wav', makeWav(60));
  }, 600_000);
  afterAll(async () => {
    await world.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('start the job that TypeScript starts with the same key and input, and wait for it', async (context) => {
    if (startJob === null) return context.skip();
    const outcome = JSON.parse(await startJob(source, `by-${language}`)) as JobOutcome;
    expect(outcome).toMatchObject({ workflowId: `provider-job/tiro/by-${language}`, phase: 'succeeded' });
    const input = { source, deadline: '30m', translationLocales: ['ko_KR'] };
    const job = await new ProviderJobs(world.client).start('tiro', input, { key: `by-${language}` });
    expect(await job.result()).toMatchObject({ jobId: outcome.jobId });
    const again = JSON.parse(await startJob(source, `by-${language}`)) as JobOutcome;
    expect(again.jobId).toBe(outcome.jobId);
    expect(world.simulator.calls({ operation: 'tiro.create' })).toHaveLength(1);
  });

  if (language !== 'python') return;
  it('run a job as a child of a parent workflow, which hears of its end', async (context) => {
    if (startJob === null) return context.skip();
    const python = join(folder, '.venv', 'bin', 'python');
    const { stdout } = await run(python, ['parent.py', source, 'python/parent 1'], { cwd: folder });
    const { outcome, heard } = JSON.parse(stdout) as { outcome: JobOutcome; heard: object[] };
    expect(outcome).toMatchObject({ phase: 'succeeded', workflowId: 'provider-job/tiro/python%2Fparent%201.tiro' });
    expect(heard).toEqual([{ jobId: outcome.jobId, phase: 'succeeded' }]);
    const child = await world.client.workflow.getHandle(outcome.workflowId).describe();
    expect(child.parentExecution?.workflowId).toBe('python/parent 1');
    expect(child.typedSearchAttributes.get(providerNameAttribute)).toBe('tiro');
    expect(child.typedSearchAttributes.get(providerJobIdAttribute)).toBe(outcome.jobId);
  });
});
