import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Operation } from '../../src/simulator/index.ts';
import { providerJobIdAttribute, providerJobPhaseAttribute } from '../../src/contract/search-attributes.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

describe('cancelling a lifecycle', () => {
  let world: World;
  let source: string;
  beforeAll(async () => {
    world = await startWorld({ simulator: { chunkSizeBytes: 16_384 } });
    source = await world.writeSource('talk.wav', makeWav(60));
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(() => world.close());

  const callsOf = (operation: Operation) => world.simulator.calls({ operation });
  const begun = (operation: Operation) =>
    eventually(`${operation} is under way`, () => callsOf(operation).some(({ state }) => state === 'open'));
  async function cancelled(handle: WorkflowHandle) {
    await expect(handle.result()).rejects.toThrow(/cancel/i);
    const { memo, typedSearchAttributes, status } = await handle.describe();
    return {
      cleanup: memo?.['cleanup'],
      jobId: typedSearchAttributes.get(providerJobIdAttribute),
      status: status.name,
    };
  }

  it('keeps the id of a Tiro job whose create was under way', async () => {
    const fault = world.simulator.addFault({ kind: 'hold', operation: 'tiro.create' });
    const handle = await world.start('tiroTranscription', 'provider-job/tiro/while-creating', { source });
    await begun('tiro.create');
    await handle.cancel();
    world.simulator.release(fault);
    const end = await cancelled(handle);
    const [job] = world.simulator.jobs('tiro');
    expect(end).toEqual({ cleanup: 'not-supported', jobId: job?.id, status: 'CANCELLED' });
    expect(callsOf('tiro.upload-complete')).toHaveLength(0);
  });

  it('stops an upload to Tiro that is under way', async () => {
    world.simulator.addFault({ kind: 'hold', operation: 'tiro.storage-put' });
    const handle = await world.start('tiroTranscription', 'provider-job/tiro/while-uploading', { source });
    await begun('tiro.storage-put');
    const cancelledAt = Date.now();
    await handle.cancel();
    const end = await cancelled(handle);
    expect(end.status).toBe('CANCELLED');
    expect(end.jobId).toEqual(world.simulator.jobs('tiro').at(-1)?.id);
    expect(Date.now() - cancelledAt).toBeLessThan(20_000);
  });

  it('keeps the id of an SLNG job whose create was under way', async () => {
    const fault = world.simulator.addFault({ kind: 'hold', operation: 'slng.create' });
    const handle = await world.start('slngTranscription', 'provider-job/slng/while-creating', { source });
    await begun('slng.create');
    await handle.cancel();
    world.simulator.release(fault);
    const end = await cancelled(handle);
    expect(end).toMatchObject({ jobId: world.simulator.jobs('slng')[0]?.id, status: 'CANCELLED' });
  });

  it('keeps the id of a Soket upload that was under way', async () => {
    const fault = world.simulator.addFault({ kind: 'hold', operation: 'soket.submit' });
    const handle = await world.start('soketTranscription', 'provider-job/soket/while-submitting', { source });
    await begun('soket.submit');
    await handle.cancel();
    world.simulator.release(fault);
    const end = await cancelled(handle);
    const batch = world.simulator.jobs('soket').find(({ resource }) => resource === 'batch');
    expect(end).toMatchObject({ jobId: batch?.id, status: 'CANCELLED' });
  });

  it('stops the chunks of a TwelveLabs upload that are under way and deletes the asset', async () => {
    world.simulator.addFault({ kind: 'hold', operation: 'twelvelabs.part-put', times: null });
    const video = await world.writeSource('clip.mp4', makeWav(60));
    const handle = await world.start('twelvelabsUpload', 'provider-job/twelvelabs/while-uploading', { source: video });
    await begun('twelvelabs.part-put');
    const cancelledAt = Date.now();
    await handle.cancel();
    const end = await cancelled(handle);
    expect(end.status).toBe('CANCELLED');
    expect(end.cleanup).toBe('cancelled');
    expect(callsOf('twelvelabs.delete-asset')).toHaveLength(1);
    expect(Date.now() - cancelledAt).toBeLessThan(20_000);
  });

  it('tells the parents that the job was cancelled', async () => {
    world.simulator.setPlan('tiro', { script: [{ status: 'PROCESSING' }] });
    const listener = await world.start('mediaPipeline', 'media-pipeline/listener', {
      source,
      steps: [{ provider: 'tiro', name: 'own' }],
    });
    world.simulator.setPlan('tiro', { script: [{ status: 'PROCESSING' }] });
    const handle = await world.start('tiroTranscription', 'provider-job/tiro/tells', {
      source,
      notify: ['media-pipeline/listener'],
    });
    await eventually('the job runs', async () => {
      const { typedSearchAttributes } = await handle.describe();
      return typedSearchAttributes.get(providerJobPhaseAttribute) === 'running';
    });
    await handle.cancel();
    await cancelled(handle);
    const heard = await eventually('the notice arrived', async () => {
      const { events = [] } = await listener.fetchHistory();
      const signal = events?.find(({ workflowExecutionSignaledEventAttributes: each }) => each);
      return signal?.workflowExecutionSignaledEventAttributes?.input?.payloads?.[0]?.data;
    });
    const notice: unknown = JSON.parse(Buffer.from(heard).toString());
    expect(notice).toMatchObject({ failure: { type: 'Cancelled' }, cleanup: 'not-supported', phase: 'running' });
    await listener.terminate();
  });
});
