import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeOffset } from '../../src/cli/priors/describe-class.ts';
import { drawSvg } from '../../src/cli/priors/draw-svg.ts';
import { createLearnedTimes, type LearnedClass } from '../../src/polling/learned-times.ts';
import { writePriorsFile } from '../../src/worker/priors-file.ts';
import { lastJson, runProgram } from './run-program.ts';

const vendor = { earliestMs: 60_000, latestMs: 180_000 };
const slower = { earliestMs: 120_000, latestMs: 360_000 };

function learnedTimes() {
  const times = createLearnedTimes();
  const tiro = { provider: 'tiro', resource: 'voice-file-job' };
  for (let job = 0; job < 14; job += 1) {
    times.learn(tiro, vendor, { endedAtMs: 190_000 + 500 * job, foundByFirstLook: false });
  }
  const asset = { provider: 'twelvelabs', resource: 'asset' };
  for (let job = 0; job < 3; job += 1) times.learn(asset, null, { endedAtMs: 20_000, foundByFirstLook: false });
  return times;
}

describe('provider-jobs priors', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'priors-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));
  const run = (args: string[]) => runProgram(['priors', ...args], { PROVIDER_JOBS_PRIORS: directory });
  const fill = () => writePriorsFile(join(directory, 'worker-a.v1.json'), { jobs: learnedTimes().remembered() });

  it('shows each class, how far the vendor is off, and a curve of both, without colour where it is no terminal', async () => {
    await fill();
    const { exitCode, stdout, stderr } = await run([]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(
      /tiro +voice-file-job +64 s – 2\.1 min +60 s to 3 min +\S+ min to \S+ min +14 jobs +1\.\d × slower/,
    );
    expect(stdout).toMatch(/twelvelabs +asset +unknown +nothing +\S+ s to \S+ s +3 jobs/);
    expect(stdout).toContain('· as the vendor says   ● as learned');
    expect(stdout.split('\n').filter((line) => line.includes('●')).length).toBeGreaterThan(10);
    expect(stdout).not.toContain('\u001b');
  });

  it('gives the same as one JSON object, and names what it left out', async () => {
    await fill();
    await writeFile(join(directory, 'other.json'), '{}');
    const end = await run(['--json']);
    expect(end.exitCode).toBe(0);
    expect(end.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(lastJson(end)).toMatchObject({
      directory,
      classes: [
        { provider: 'tiro', resource: 'voice-file-job', vendor, jobs: 14, stuckAfterMs: expect.any(Number) as number },
        { provider: 'twelvelabs', resource: 'asset', durations: 'unknown', vendor: null, timesAsLong: null, jobs: 3 },
      ],
      problems: [expect.stringContaining('other.json is left out')],
    });
  });

  it('draws them as SVG', async () => {
    await fill();
    const file = join(directory, 'priors.svg');
    const { exitCode, stdout } = await run(['--svg', file]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(file);
    const svg = await readFile(file, 'utf8');
    expect(svg).toMatch(/^<svg /);
    for (const words of ['tiro voice-file-job', 'twelvelabs asset', '14 jobs', 'vendor']) expect(svg).toContain(words);
  });

  it('forgets, and forgets again', async () => {
    await fill();
    const first = await run(['reset', '--json']);
    expect([first.exitCode, lastJson(first)]).toMatchObject([0, { jobs: 17, files: ['worker-a.v1.json'] }]);
    expect(await readdir(directory)).toEqual(['forgotten.v1.json']);
    await fill();
    const second = await run(['reset']);
    expect([second.exitCode, second.stdout]).toEqual([0, expect.stringContaining('Workers that run forget it')]);
    expect((await run([])).stdout).toContain('Nothing was learned yet');
  });

  it('says what to do where there is nothing', async () => {
    expect(await run([])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('PROVIDER_JOBS_PRIORS') as string,
    });
    expect(await run(['--svg', 'x.svg'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('Nothing was learned yet') as string,
    });
    const missing = await runProgram(['priors'], { PROVIDER_JOBS_PRIORS: join(directory, 'no') });
    expect([missing.exitCode, missing.stderr]).toEqual([2, expect.stringContaining('a worker makes it')]);
    for (const words of [['priors'], ['priors', 'reset']]) {
      const unset = await runProgram(words);
      expect([unset.exitCode, unset.stderr]).toEqual([2, expect.stringContaining('PROVIDER_JOBS_PRIORS is not set')]);
    }
  });
});

describe('drawing learned times', () => {
  it('names the command that installs what draws, where that is missing', async () => {
    const missing = () => Promise.reject(Object.assign(new Error('no vega'), { code: 'ERR_MODULE_NOT_FOUND' }));
    await expect(drawSvg(learnedTimes().classes(), missing)).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining('npm install vega@6 vega-lite@6.4') as string,
    });
  });
});

const known: LearnedClass = {
  ...{ provider: 'tiro', resource: 'voice-file-job', durations: '64 s – 2.1 min', vendor, learned: slower },
  ...{ timesAsLong: 2, jobs: 12, stuckAfterMs: null },
};

it.each<[string, Partial<LearnedClass>]>([
  ['2.0 × slower', {}],
  ['1.8 × quicker', { timesAsLong: 1 / 1.8 }],
  ['1.06 × slower', { timesAsLong: 1.06 }],
  ['as it says', { timesAsLong: 0.97 }],
  ['40 × slower', { timesAsLong: 40 }],
  ['as it says, so far', { timesAsLong: null, learned: null, jobs: 5 }],
  ['', { timesAsLong: null, learned: null, jobs: 1 }],
  ['', { timesAsLong: null, vendor: null }],
])('jobs are %j against what the vendor says', (words, change) => {
  expect(describeOffset({ ...known, ...change })).toBe(words);
});
