import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProcessingTime } from '../../src/polling/poll-plan.ts';
import { keepTimes, type KeptTimes, priorsFileName } from '../../src/worker/kept-times.ts';
import { readPriorsFolder, resetPriorsFolder } from '../../src/worker/priors-folder.ts';
import { eventually } from '../setup/eventually.ts';

const of = { provider: 'tiro', resource: 'voice-file-job' };
const vendor: ProcessingTime = { earliestMs: 60_000, latestMs: 180_000 };
const dayMs = 24 * 3_600_000;

describe('learned times that outlive their process', () => {
  let root: string;
  let directory: string;
  let warnings: string[];
  const opened: KeptTimes[] = [];
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'priors-'));
    directory = join(root, 'deep', 'priors');
    warnings = [];
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((each) => each.close()));
    await rm(root, { recursive: true, force: true });
  });

  async function open(fileName: string, everyMs = 3_600_000): Promise<KeptTimes> {
    const kept = keepTimes({ directory, fileName, everyMs, warn: (message) => warnings.push(message) });
    opened.push(kept);
    await kept.opened;
    return kept;
  }

  const learn = ({ times }: KeptTimes, jobs: number, endedAtMs = 250_000) => {
    for (let job = 0; job < jobs; job += 1) times.learn(of, vendor, { endedAtMs, foundByFirstLook: false });
  };
  const jobsOf = ({ times }: KeptTimes) => times.classes().map(({ jobs }) => jobs);

  it('are the same after a restart, however many there were', async () => {
    const first = await open('worker-a.v1.json');
    learn(first, 6);
    await first.close();
    const before = first.times.processingTime(of, vendor);
    for (let restart = 0; restart < 3; restart += 1) {
      const again = await open('worker-a.v1.json');
      expect(jobsOf(again)).toEqual([6]);
      expect(again.times.processingTime(of, vendor)).toEqual(before);
      await again.close();
    }
    expect(warnings).toEqual([]);
  });

  it('join what all workers of the folder saw, each job once', async () => {
    const [a, b] = [await open('worker-a.v1.json'), await open('worker-b.v1.json')];
    learn(a, 3);
    learn(b, 4);
    await Promise.all([a.close(), b.close()]);
    const [restarted, third] = [await open('worker-a.v1.json'), await open('worker-c.v1.json')];
    expect([jobsOf(restarted), jobsOf(third)]).toEqual([[7], [7]]);
    learn(restarted, 1);
    learn(third, 1);
    await Promise.all([restarted.close(), third.close()]);
    expect(jobsOf(await open('worker-d.v1.json'))).toEqual([9]);
    expect((await readdir(directory)).sort()).toEqual(['worker-a.v1.json', 'worker-b.v1.json', 'worker-c.v1.json']);
  });

  it('lose nothing where two processes have the same name', async () => {
    const [one, two] = [await open('worker-a.v1.json'), await open('worker-a.v1.json')];
    learn(one, 2);
    learn(two, 3);
    await one.close();
    await two.close();
    expect(jobsOf(await open('worker-a.v1.json'))).toEqual([5]);
  });

  it('are written while the worker runs, several jobs at once', async () => {
    const kept = await open('worker-a.v1.json', 20);
    learn(kept, 5);
    await eventually('all are written', async () => (await readPriorsFolder(directory)).jobs.length === 5);
  });

  it('take over and tidy away what nobody has written for a day', async () => {
    const gone = await open('worker-gone.v1.json');
    const idle = await open('worker-idle.v1.json');
    learn(gone, 3);
    learn(idle, 2);
    await Promise.all([gone.close(), idle.close()]);
    const longAgo = new Date(Date.now() - 2 * dayMs);
    await writeFile(join(directory, '.worker-gone.v1.json.77.part'), '{');
    await writeFile(join(directory, 'notes.txt'), 'mine');
    for (const name of ['worker-gone.v1.json', '.worker-gone.v1.json.77.part', 'notes.txt']) {
      await utimes(join(directory, name), longAgo, longAgo);
    }
    expect(jobsOf(await open('worker-new.v1.json'))).toEqual([5]);
    expect((await readdir(directory)).sort()).toEqual(['notes.txt', 'worker-idle.v1.json', 'worker-new.v1.json']);
    expect(jobsOf(await open('worker-newer.v1.json'))).toEqual([5]);
  });

  it.each([
    ['no JSON', '{"kind":"provider-jobs pri', 'it is not JSON'],
    ['not ours', '{"name":"someone"}', 'it is not a file of learned times'],
    ['null', 'null', 'it is not a file of learned times'],
    ['of a newer version', '{"kind":"provider-jobs priors","version":2,"jobs":7}', 'a newer version has written it'],
    ['without jobs', '{"kind":"provider-jobs priors","version":1}', 'jobs: '],
    ['with a broken job', '{"kind":"provider-jobs priors","version":1,"jobs":[{"id":1}]}', 'jobs.0.'],
    ['empty', '', 'it is not JSON'],
  ])('leave out a file that is %s, and name it', async (_what, text, reason) => {
    const first = await open('worker-a.v1.json');
    learn(first, 2);
    await first.close();
    await writeFile(join(directory, 'worker-x.v1.json'), text);
    const kept = await open('worker-b.v1.json');
    expect(jobsOf(kept)).toEqual([2]);
    expect(warnings).toEqual([expect.stringContaining(`worker-x.v1.json is left out: ${reason}`)]);
    expect(await readFile(join(directory, 'worker-x.v1.json'), 'utf8')).toBe(text);
  });

  it('go on in memory where the folder cannot be made, and say so once', async () => {
    await mkdir(join(root, 'deep'));
    await writeFile(directory, 'a file');
    const kept = await open('worker-a.v1.json');
    learn(kept, 3);
    await kept.close();
    learn(kept, 1);
    await kept.close();
    expect(kept.times.processingTime(of, vendor)?.earliestMs).toBeGreaterThan(vendor.earliestMs);
    expect(warnings).toEqual([expect.stringContaining('PROVIDER_JOBS_PRIORS')]);
  });

  it('are forgotten by a reset, also by a worker that runs', async () => {
    const kept = await open('worker-a.v1.json');
    learn(kept, 4);
    await kept.close();
    const { jobs, files } = await resetPriorsFolder(directory);
    expect([jobs.length, files]).toEqual([4, ['worker-a.v1.json']]);
    expect(jobsOf(await open('worker-b.v1.json'))).toEqual([]);
    const resetBy = Date.now();
    await eventually('the clock has moved on', () => Date.now() > resetBy, 1000, 1);
    learn(kept, 1);
    await kept.close();
    expect(jobsOf(kept)).toEqual([1]);
    expect(jobsOf(await open('worker-c.v1.json'))).toEqual([1]);
  });

  it('have one file for each machine and what it serves', () => {
    const name = priorsFileName('provider-jobs', ['tiro', 'slng']);
    expect(name).toMatch(/^worker-[\w-]+-[0-9a-f]{8}\.v1\.json$/);
    expect(priorsFileName('provider-jobs', ['slng', 'tiro'])).toBe(name);
    expect(priorsFileName('provider-jobs', ['slng'])).not.toBe(name);
    expect(priorsFileName('staging', ['slng', 'tiro'])).not.toBe(name);
  });
});
