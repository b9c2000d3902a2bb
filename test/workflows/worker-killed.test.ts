import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../setup/eventually.ts';
import { startWorkerProcess, type WorkerProcess } from '../setup/worker-process.ts';
import { startWorld, type World } from '../setup/world.ts';

const chunkSizeBytes = 64 * 1024;
const chunks = 60;
const concurrency = 4;
const reportBatch = 10;

// What a dead worker held comes back after its heartbeat or sticky time-out, and another worker takes seconds to start.
describe('a worker that is killed', { timeout: 120_000 }, () => {
  let world: World;
  const workers: WorkerProcess[] = [];
  const startProcess = async () => {
    const worker = await startWorkerProcess(world.environment);
    workers.push(worker);
    return worker;
  };
  beforeAll(async () => {
    world = await startWorld({ startWorker: false, simulator: { chunkSizeBytes } });
  });
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.kill()));
    await world.close();
  });

  it('while a part is on its way costs at most the parts in flight and one report batch', async () => {
    const first = await startProcess();
    const video = await world.writeSource('video.mp4', Buffer.alloc(chunks * chunkSizeBytes, 7));
    const held = world.simulator.addFault({ kind: 'hold', operation: 'twelvelabs.part-put', match: { partIndex: 33 } });
    const handle = await world.start('twelvelabsUpload', 'provider-job/twelvelabs/killed', {
      source: video,
      concurrency,
    });
    const puts = () => world.simulator.calls({ operation: 'twelvelabs.part-put' });
    await eventually('only the held part is left', () => {
      const open = puts().filter(({ state }) => state === 'open');
      return open.length === 1 && puts().length >= chunks - 1;
    });
    await first.kill();
    world.simulator.release(held);
    await startProcess();
    expect(await handle.result()).toMatchObject({ phase: 'succeeded' });

    const times = Object.values(Object.values(world.simulator.counters().parts)[0] ?? {});
    expect(times).toHaveLength(chunks);
    const again = times.reduce((sum, count) => sum + count - 1, 0);
    expect(again).toBeLessThanOrEqual(concurrency + reportBatch);
    expect(world.simulator.jobs('twelvelabs').filter(({ resource }) => resource === 'multipart-upload')).toHaveLength(
      1,
    );
  });

  it('between two status calls loses no job and submits none twice', async () => {
    const second = workers.at(-1);
    world.simulator.setPlan('tiro', { script: [{ status: 'PROCESSING', polls: 3 }] });
    const source = await world.writeSource('talk.mp3', Buffer.alloc(4096, 1));
    const handle = await world.start('tiroTranscription', 'provider-job/tiro/killed', { source });
    await eventually('it was asked once', () => world.simulator.calls({ operation: 'tiro.status' }).length > 0);
    await second?.kill();
    await startProcess();
    expect(await handle.result()).toMatchObject({ phase: 'succeeded' });
    expect(world.simulator.jobs('tiro')).toHaveLength(1);
  });

  it('drains on SIGTERM and exits with 0', async () => {
    expect(await workers.at(-1)?.drain()).toBe(0);
  });
});
