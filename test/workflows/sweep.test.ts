import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProviderJobs } from '../../src/index.ts';
import { type CleaningResult, emptyCleaning, type SweepInput } from '../../src/contract/cleaning.ts';
import type { JobOutcome } from '../../src/contract/job.ts';
import { markerOf } from '../../src/contract/workflow-ids.ts';
import { text, ProviderApi } from '../simulator/provider-api.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

const talk = makeWav(2);
const foreignMarker = '0123456789abcdef';
const never = 1e9;

let world: World;
let source: string;
let soket: ProviderApi;
let twelvelabs: ProviderApi;

beforeAll(async () => {
  // A minute, the youngest that is ever removed, is 600 ms.
  world = await startWorld();
  source = await world.writeSource('talk.wav', talk);
  soket = new ProviderApi(world.simulator, 'soket');
  twelvelabs = new ProviderApi(world.simulator, 'twelvelabs');
});
afterAll(() => world.close());

let runs = 0;
async function sweep(input: Partial<SweepInput>): Promise<CleaningResult> {
  runs += 1;
  const given = { providers: ['soket'], olderThan: '1m', ...input };
  return (await (await world.start('sweep', `sweep/${String(runs)}`, given)).result()) as CleaningResult;
}

const uploads = () => world.simulator.jobs('soket').filter(({ resource }) => resource === 'upload');
const assets = () => world.simulator.jobs('twelvelabs').filter(({ resource }) => resource === 'asset');
const filesOf = (id: string) => uploads().find((upload) => upload.id === id)?.filenames ?? [];
const markerOfRun = async (handle: WorkflowHandle) => markerOf(handle.workflowId, (await handle.describe()).runId);
/** Until a marker's workflow is listed as closed, and closed for long enough. */
async function settled(workflowId: string): Promise<void> {
  await eventually(`${workflowId} is listed as closed`, async () => {
    const { count } = await world.client.workflow.count(
      `WorkflowId = '${workflowId}' AND ExecutionStatus != 'Running'`,
    );
    return count > 0;
  });
  const { closeTime } = await world.client.workflow.getHandle(workflowId).describe();
  await eventually('it is old enough', () => Promise.resolve(Date.now() - (closeTime?.getTime() ?? 0) > 700));
}

/** A job at Soket whose upload never comes to an end; its files bear its marker. */
async function hangAtSoket(key: string) {
  world.simulator.setPlan('soket', { uploadDurationMs: never });
  const handle = await world.start('soketTranscription', `provider-job/soket/${key}`, { source });
  const marked = `talk.${await markerOfRun(handle)}.wav`;
  const found = await eventually('its upload is there', () =>
    Promise.resolve(uploads().find(({ filenames }) => filenames.includes(marked))),
  );
  return { handle, uploadId: found.id, marked };
}

async function uploadToSoket(...names: string[]): Promise<string> {
  const form = new FormData();
  for (const name of names) form.append('files', new File([talk], name, { type: 'audio/wav' }));
  return text(await soket.form('/files/upload', form), 'batch_upload_id');
}

describe('a sweep of Soket', () => {
  const lost: Record<string, Awaited<ReturnType<typeof hangAtSoket>>> = {};
  const foreign: Record<string, string> = {};
  let done: JobOutcome;

  beforeAll(async () => {
    for (const key of ['lost', 'open', 'followed', 'again', 'mixed']) lost[key] = await hangAtSoket(key);
    done = (await (
      await world.start('soketTranscription', 'provider-job/soket/done', { source })
    ).result()) as JobOutcome;
    const gone = markerOf('provider-job/soket/of-nobody', 'a-run');
    foreign['same name and size'] = await uploadToSoket('talk.wav');
    foreign['marker of another environment'] = await uploadToSoket(`talk.${foreignMarker}.wav`);
    foreign['marker of a job that is forgotten'] = await uploadToSoket(`talk.${gone}.wav`);
    foreign['marker with a letter more'] = await uploadToSoket(`talk.${lost['lost']?.marked.split('.')[1] ?? ''}0.wav`);
    // Somebody has put a file of ours and one of theirs into one upload.
    foreign['ours and another'] = await uploadToSoket(lost['mixed']?.marked ?? '', 'talk.wav');
    const { trackJob } = { trackJob: { provider: 'soket', resource: 'upload', id: lost['followed']?.uploadId } };
    await world.start('trackJob', `provider-job/soket/upload/${String(trackJob.id)}`, trackJob);
    for (const key of ['lost', 'followed', 'again', 'mixed']) await lost[key]?.handle.terminate('lost');
    // Under its key another run goes on: what it may yet take up is not for a sweep.
    await hangAtSoket('again');
    for (const key of ['lost', 'followed', 'mixed', 'done']) await settled(`provider-job/soket/${key}`);
    await eventually('the track is listed', async () => {
      const query = `WorkflowType = 'trackJob' AND ProviderJobId = '${String(trackJob.id)}'`;
      return (await world.client.workflow.count(query)).count === 1;
    });
  });

  it('says what it would remove and removes nothing, unless told otherwise', async () => {
    const before = uploads();
    const { deletes, parts } = await sweep({});
    expect(deletes).toBe(false);
    expect(uploads()).toEqual(before);
    expect(parts).toMatchObject([
      {
        ...{ provider: 'soket', credential: 'default', failure: null, bytes: 2 * talk.length },
        // Open: that which runs, both uploads of the key that runs again, that which is followed.
        counts: { ...emptyCleaning().counts, 'would-be-removed': 2, open: 4, used: 1, foreign: 2 },
      },
    ]);
    const things = parts[0]?.things ?? [];
    expect(new Set(things.map(({ id }) => id))).toEqual(new Set([lost['lost']?.uploadId, lost['mixed']?.uploadId]));
    expect(things[0]).toMatchObject({ resource: 'upload', fate: 'would-be-removed', sizeBytes: talk.length });
    const { events = [] } = await world.client.workflow.getHandle(`sweep/${String(runs)}`).fetchHistory();
    expect(events?.length).toBeLessThan(15);
  });

  it('removes nothing whose job was closed a moment ago', async () => {
    const [part] = (await sweep({ olderThan: '24h', delete: true })).parts;
    expect(part?.counts).toMatchObject({ removed: 0, young: 4 });
    expect(uploads()).toHaveLength(12);
  });

  it('removes what lost jobs left, and nothing else', async () => {
    const before = uploads();
    // Whether the first request was taken nobody knows: the next attempt finds it gone or there.
    world.simulator.addFault({ kind: 'cut-after', operation: 'soket.delete-files' });
    world.simulator.addFault({ kind: 'status', operation: 'soket.list-files', status: 503 });
    await sweep({ delete: true });
    const left = uploads().filter(({ filenames }) => filenames.length > 0);
    const gone = before.map(({ id }) => id).filter((id) => !left.some((upload) => upload.id === id));
    expect(new Set(gone)).toEqual(new Set([lost['lost']?.uploadId, lost['mixed']?.uploadId]));
    for (const [what, id] of Object.entries(foreign)) expect(filesOf(id), what).not.toEqual([]);
    expect(filesOf(done.ids['batch_upload_id'] ?? '')).toHaveLength(1);
    const again = await sweep({ delete: true });
    expect(again.parts[0]?.counts).toMatchObject({ removed: 0, 'would-be-removed': 0, foreign: 2 });
  });

  it('counts as removed what was gone by then', async () => {
    const { handle, uploadId } = await hangAtSoket('gone-meanwhile');
    await handle.terminate('lost');
    await settled(handle.workflowId);
    world.simulator.addFault({
      ...{ kind: 'status', operation: 'soket.delete-files', status: 404 },
      body: { error: 'one or more files not found' },
    });
    const [part] = (await sweep({ delete: true })).parts;
    expect(part?.things).toMatchObject([{ id: uploadId, fate: 'removed' }]);
  });

  it('takes a page of a proxy for no word of Soket on whether there is a batch', async () => {
    const { handle, uploadId } = await hangAtSoket('behind-a-proxy');
    await handle.terminate('lost');
    await settled(handle.workflowId);
    const fault = { kind: 'status', operation: 'soket.file-result', status: 404, body: '<h1>Not here</h1>' } as const;
    world.simulator.addFault({ ...fault, times: null });
    const failed = await sweep({ delete: true }).catch((error: unknown) => error);
    world.simulator.clearFaults();
    expect(failed).toMatchObject({ cause: { type: 'JobNotFound', details: [{ parts: [{ provider: 'soket' }] }] } });
    expect(filesOf(uploadId)).toHaveLength(1);
  });

  it('tells of an account that it could not look at along with the others', async () => {
    const failed = await sweep({ credentials: ['default', 'acme'] }).catch((error: unknown) => error);
    expect(failed).toMatchObject({
      cause: {
        type: 'CredentialRejected',
        details: [
          {
            parts: [
              { credential: 'default', failure: null },
              { credential: 'acme', failure: { type: 'CredentialRejected' } },
            ],
          },
        ],
      },
    });
  });

  it('refuses an input that it cannot work with, and a provider at which there is nothing to be swept', async () => {
    const faults = await sweep({ providers: ['nobody' as never], delete: 'yes' as never }).catch(
      (error: unknown) => error,
    );
    expect(faults).toMatchObject({ cause: { type: 'InvalidInput' } });
    expect(String((faults as { cause: unknown }).cause)).toMatch(
      /providers\.0: expected one of soket.*delete: expected true/s,
    );
    await expect(sweep({ providers: ['tiro'] })).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
    await expect(sweep({ olderThan: '1s' })).rejects.toMatchObject({
      cause: { message: expect.stringContaining('1m') as string },
    });
  });
});

describe('a sweep of TwelveLabs', () => {
  const reserve = async (filename: string, user_metadata?: object) =>
    text(
      await twelvelabs.json('POST', '/assets/multipart-uploads', {
        ...{ filename, type: 'audio', total_size: talk.length, ...(user_metadata ? { user_metadata } : {}) },
      }),
      'asset_id',
    );
  const jobs = () => new ProviderJobs(world.client);
  const swept = (input: Partial<SweepInput>) => sweep({ providers: ['twelvelabs'], ...input });

  it('removes assets that were reserved and never filled, and no result, nobody else’s, none of a job that is open', async () => {
    // The answer to the first create is lost: an asset is left that nobody fills.
    world.simulator.addFault({ kind: 'cut-after', operation: 'twelvelabs.create-session' });
    const done = await (await jobs().start('twelvelabs', { source }, { key: 'done' })).result();
    expect(done.phase).toBe('succeeded');
    world.simulator.setPlan('twelvelabs', { holdActive: true });
    const open = await jobs().start('twelvelabs', { source }, { key: 'open' });
    await eventually('the job that is open has its asset', () => Promise.resolve(assets().length === 3));
    const foreign = [
      await reserve('talk.wav'),
      await reserve('talk.wav', { provider_jobs: foreignMarker }),
      await reserve('talk.wav', { provider_jobs: foreignMarker.toUpperCase(), owner: 'us' }),
    ];
    await settled('provider-job/twelvelabs/done');
    const before = assets().map(({ id }) => id);

    const dry = await swept({});
    expect(dry.parts[0]).toMatchObject({ counts: { 'would-be-removed': 1, open: 1, foreign: 1, removed: 0 } });
    expect(assets()).toHaveLength(6);
    const { parts } = await swept({ delete: true });
    expect(parts[0]).toMatchObject({ counts: { removed: 1, open: 1, foreign: 1 } });
    const left = assets().map(({ id }) => id);
    expect(left).toEqual(expect.arrayContaining([...foreign, done.jobId]));
    expect(before.filter((id) => !left.includes(id))).toEqual([parts[0]?.things[0]?.id]);
    expect(parts[0]?.things[0]?.workflowId).toBe('provider-job/twelvelabs/done');
    await open.cancel();
  });

  it('leaves an asset alone that became ready while it was looked at', async () => {
    world.simulator.setPlan('twelvelabs', { holdActive: true });
    const job = await world.start('twelvelabsUpload', 'provider-job/twelvelabs/late', { source });
    const marker = await markerOfRun(job);
    const asset = await eventually('its asset is there', () =>
      Promise.resolve(assets().find(({ userMetadata }) => userMetadata?.['provider_jobs'] === marker)),
    );
    await job.terminate('lost');
    await settled(job.workflowId);
    const body = JSON.stringify({ _id: asset.id, status: 'ready', user_metadata: { provider_jobs: marker } });
    world.simulator.addFault({ kind: 'body', operation: 'twelvelabs.asset-status', match: { jobId: asset.id }, body });
    const { parts } = await swept({ delete: true });
    expect(parts[0]?.counts).toMatchObject({ used: 1, removed: 0 });
    expect(assets().map(({ id }) => id)).toContain(asset.id);
  });
});
