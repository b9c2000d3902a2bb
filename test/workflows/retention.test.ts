import { existsSync } from 'node:fs';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CleaningResult, RetentionInput } from '../../src/contract/cleaning.ts';
import { ProviderJobs } from '../../src/index.ts';
import type { LifecycleProvider } from '../../src/providers/lifecycle-inputs.ts';
import { createDirectoryResultStore } from '../../src/results/directory-result-store.ts';
import { ProviderApi } from '../simulator/provider-api.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { forget } from '../setup/forget.ts';
import { startWorld, type World } from '../setup/world.ts';

const talk = makeWav(2);
const cleaned = ['soket', 'twelvelabs', 'slng'] as const;

let world: World;
let source: string;
let runs = 0;

beforeAll(async () => {
  // A minute, the youngest that is ever removed, is 600 ms.
  world = await startWorld();
  source = await world.writeSource('talk.wav', talk);
});
afterAll(() => world.close());

async function retain(input: Partial<RetentionInput>): Promise<CleaningResult> {
  runs += 1;
  const given = { providers: [...cleaned], olderThan: '1m', ...input };
  return (await (await world.start('retention', `retention/${String(runs)}`, given)).result()) as CleaningResult;
}

const folderOf = (workflowId: string) => join(world.resultsDirectory, world.namespace, workflowId);
const removedAt = (workflowId: string) => join(folderOf(workflowId), 'removed-at-provider.json');

async function finish(provider: LifecycleProvider, key: string, more: object = {}) {
  const job = await new ProviderJobs(world.client).start(provider, { source, ...more }, { key });
  const result = await job.result();
  expect(result.failure).toBeNull();
  return result;
}
async function old(endedAt: string | null): Promise<void> {
  await eventually('it is old enough', () => Date.now() - Date.parse(endedAt ?? '') > 700);
}
/** What the provider still holds of a job. */
const heldOf = (provider: LifecycleProvider, id: string) =>
  world.simulator.jobs(provider).filter((job) => job.id === id && job.status !== 'DELETED' && job.filenames.length > 0);

describe('a retention', () => {
  it.each(cleaned)('removes at %s what is done and stored, once, and keeps the results', async (provider) => {
    const done = await finish(provider, 'done');
    const id = provider === 'soket' ? (done.ids['batch_upload_id'] ?? '') : (done.jobId ?? '');
    const failedPlan = {
      soket: { failedFiles: 'all' },
      twelvelabs: { outcome: 'failed' },
      slng: { outcome: 'failed' },
    } as const;
    world.simulator.setPlan(provider, failedPlan[provider]);
    const failed = await finish(provider, 'failed');
    const failedId = provider === 'soket' ? (failed.ids['batch_upload_id'] ?? '') : (failed.jobId ?? '');
    await old(done.endedAt);

    expect((await retain({ providers: [provider], olderThan: '30d', delete: true })).parts).toMatchObject([
      { provider, credential: null, failure: null, counts: { young: 1, removed: 0 } },
    ]);
    const dry = await retain({ providers: [provider] });
    expect(dry).toMatchObject({ deletes: false, parts: [{ counts: { 'would-be-removed': 1 } }] });
    expect(heldOf(provider, id)).toHaveLength(1);
    expect(existsSync(removedAt(done.workflowId))).toBe(false);

    world.simulator.addFault({ kind: 'status', operation: `${provider}.*`, status: 503 });
    const { parts } = await retain({ providers: [provider], delete: true });
    expect(parts).toMatchObject([
      { counts: { removed: 1, 'would-be-removed': 0 }, things: [{ workflowId: done.workflowId, fate: 'removed' }] },
    ]);
    expect(heldOf(provider, id)).toEqual([]);
    // A job that failed is looked at by people.
    expect(heldOf(provider, failedId)).toHaveLength(1);
    for (const { uri, sizeBytes } of done.artifacts) expect((await readFile(new URL(uri))).length).toBe(sizeBytes);
    expect(JSON.parse(await readFile(removedAt(done.workflowId), 'utf8'))).toMatchObject({
      jobId: done.jobId,
      provider,
    });

    const calls = world.simulator.calls({ provider }).length;
    expect((await retain({ providers: [provider], delete: true })).parts[0]?.things).toEqual([]);
    expect(world.simulator.calls({ provider })).toHaveLength(calls);
  });

  it('removes what was made later under a key whose first job was removed', async () => {
    const first = await finish('slng', 'twice');
    await old(first.endedAt);
    const removal = async () => (await retain({ providers: ['slng'], delete: true })).parts[0]?.counts.removed;
    expect(await removal()).toBe(1);
    await forget(world, first.workflowId);
    const second = await finish('slng', 'twice');
    expect(second.jobId).not.toBe(first.jobId);
    await old(second.endedAt);
    expect(await removal()).toBe(1);
    expect(heldOf('slng', second.jobId ?? '')).toEqual([]);
  });

  it('leaves alone what is not whole in the result store, what was tracked, and outcomes of other folders', async () => {
    const [cut, gone, copied] = [
      await finish('slng', 'cut'),
      await finish('slng', 'no-text'),
      await finish('slng', 'copied'),
    ];
    const tracked = await new ProviderJobs(world.client).track('slng.batch-job', copied.jobId ?? '', { collect: true });
    await tracked.result();
    await truncate(join(folderOf(cut.workflowId), 'transcript.json'), 5);
    await rm(join(folderOf(gone.workflowId), 'transcript.txt'));
    // Somebody has put the outcome of one job into the folder of another.
    const foreign = await readFile(join(folderOf(cut.workflowId), 'outcome.json'), 'utf8');
    await writeFile(join(folderOf(copied.workflowId), 'outcome.json'), foreign);
    await old(copied.endedAt);
    const { parts } = await retain({ providers: ['slng'], delete: true });
    expect(parts[0]?.counts).toMatchObject({ 'not-stored': 2, foreign: 1, removed: 0, gone: 0 });
    for (const { jobId } of [cut, gone, copied]) expect(heldOf('slng', jobId ?? '')).toHaveLength(1);
  });

  it('removes no upload and no asset that bears another marker than the job’s', async () => {
    const jobs = [await finish('soket', 'taken-over'), await finish('twelvelabs', 'taken-over')];
    for (const { workflowId } of jobs) {
      const path = join(folderOf(workflowId), 'outcome.json');
      const outcome = JSON.parse(await readFile(path, 'utf8')) as { origin: { marker: string } };
      expect(outcome.origin).toEqual({
        marker: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
        credential: 'default',
      });
      outcome.origin.marker = '0123456789abcdef';
      await writeFile(path, JSON.stringify(outcome));
    }
    await old(jobs[1]?.endedAt ?? null);
    const { parts } = await retain({ providers: ['soket', 'twelvelabs'], delete: true });
    for (const { counts } of parts) expect(counts).toMatchObject({ foreign: 1, removed: 0 });
    expect(heldOf('soket', jobs[0]?.ids['batch_upload_id'] ?? '')).toHaveLength(1);
    expect(heldOf('twelvelabs', jobs[1]?.jobId ?? '')).toHaveLength(1);
  });

  it('finds gone what is gone, and leaves what an index refers to', async () => {
    const gone = await finish('slng', 'gone-by-then');
    await new ProviderApi(world.simulator, 'slng').send('DELETE', `/v1/batch/jobs/${gone.jobId ?? ''}`);
    world.simulator.setPlan('twelvelabs', { assetReferenced: true });
    const used = await finish('twelvelabs', 'in-use');
    await old(used.endedAt);
    const { parts } = await retain({ providers: ['slng', 'twelvelabs'], delete: true });
    expect(parts[0]?.counts).toMatchObject({ gone: 1, removed: 0 });
    expect(existsSync(removedAt(gone.workflowId))).toBe(true);
    expect(parts[1]).toMatchObject({
      counts: { 'in-use': 1, removed: 0 },
      things: [{ id: used.jobId, fate: 'in-use' }],
    });
    expect(heldOf('twelvelabs', used.jobId ?? '')).toHaveLength(1);
  });

  it('refuses a provider that lets nothing be removed, and an input without an age', async () => {
    await expect(retain({ providers: ['tiro'] })).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
    await expect(retain({ olderThan: '1s' })).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
  });
});

describe('deleteAfterCollect at Soket', () => {
  it('deletes the uploaded files once the results are stored', async () => {
    const done = await finish('soket', 'deletes', { deleteAfterCollect: true });
    expect(done).toMatchObject({ phase: 'succeeded', message: null });
    expect(done.artifacts.length).toBeGreaterThan(0);
    expect(heldOf('soket', done.ids['batch_upload_id'] ?? '')).toEqual([]);
  });

  it('keeps the job of which SLNG lists something that cannot be stored', async () => {
    world.simulator.addFault({
      kind: 'body',
      operation: 'slng.storage-get',
      body: '<html>Sign in</html>',
      times: null,
    });
    const kept = await finish('slng', 'not-whole', { deleteAfterCollect: true });
    world.simulator.clearFaults();
    expect(kept.message).toContain('Not deleted at SLNG');
    expect(heldOf('slng', kept.jobId ?? '')).toHaveLength(1);
  });

  it('keeps the files of a mixed job', async () => {
    world.simulator.setPlan('soket', { failedFiles: [1] });
    const sources = [source, await world.writeSource('noise.wav', makeWav(3))];
    const mixed = await finish('soket', 'mixed', { source: sources, deleteAfterCollect: true });
    expect(mixed.phase).toBe('partially-succeeded');
    expect(heldOf('soket', mixed.ids['batch_upload_id'] ?? '')[0]?.filenames).toHaveLength(2);
  });

  it('says why they are still there, and fails nothing', async () => {
    world.simulator.addFault({
      kind: 'status',
      operation: 'soket.delete-files',
      status: 422,
      body: { error: 'locked' },
    });
    const done = await finish('soket', 'locked', { deleteAfterCollect: true });
    expect(done).toMatchObject({ phase: 'succeeded', message: expect.stringContaining('locked') as string });
    world.simulator.clearFaults();
  });
});

it('walks in order, resumes where it was, and meets only folders', async () => {
  const store = createDirectoryResultStore(join(world.folder, 'walked'));
  for (const key of ['b', 'a-1', 'a', `${'x'.repeat(150)}/y`.replace('/', '%2F')]) {
    await store.write(`jobs/${key}`, 'outcome.json', 'application/json', key);
  }
  await store.write('jobs', 'stray.json', 'application/json', '{}');
  const met: [string, string[]][] = [];
  for await (const { name, list } of store.walk('jobs')) met.push([name, (await list()).map((file) => file.name)]);
  expect(met.map(([name]) => name).slice(0, 3)).toEqual(['a-1', 'a', 'b']);
  expect(met).toHaveLength(4);
  expect(met.every(([, files]) => files[0] === 'outcome.json')).toBe(true);
  for await (const folder of store.walk('nobody')) expect.unreachable(folder.name);
});
