import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cleanup } from '../../src/contract/job.ts';
import { courses } from '../faults/courses.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

// What becomes of the job at the provider, by lifecycle and stage.
const cleanups: Record<keyof typeof courses, Record<string, Cleanup>> = {
  soket: {
    upload: 'cancelled',
    'wait for the upload': 'cancelled',
    submit: 'not-supported',
    wait: 'not-supported',
    collect: 'already-finished',
  },
  twelvelabs: {
    create: 'cancelled',
    'list chunks': 'cancelled',
    'ask for URLs': 'cancelled',
    upload: 'cancelled',
    report: 'cancelled',
    'wait for the session': 'cancelled',
    wait: 'cancelled',
  },
  tiro: {
    create: 'not-supported',
    upload: 'not-supported',
    complete: 'not-supported',
    wait: 'not-supported',
    collect: 'already-finished',
  },
  slng: {
    presign: 'not-supported',
    upload: 'not-supported',
    create: 'not-supported',
    wait: 'not-supported',
    'list results': 'already-finished',
    collect: 'already-finished',
  },
};
// What makes something ends its attempt, so that the id is kept; everything else is let go of at once.
const makes = new Set(['soket.upload', 'soket.submit', 'twelvelabs.create-session', 'tiro.create', 'slng.create']);
// The job is done when these begin; they come first, as from then on no job ends by itself.
const isAfterTheEnd = ({ stage: { title } }: { stage: { title: string } }) => /^(collect|list results)$/.test(title);
// TwelveLabs' collect is the same request as its wait, and cannot be told from it here.
const cells = Object.values(courses)
  .flatMap((course) =>
    course.stages.filter(({ title }) => title in cleanups[course.provider]).map((stage) => ({ course, stage })),
  )
  .toSorted((one, other) => Number(isAfterTheEnd(other)) - Number(isAfterTheEnd(one)));

describe('cancelling a lifecycle at each of its stages', () => {
  let world: World;
  let source: string;
  beforeAll(async () => {
    world = await startWorld({ timeScale: 200, simulator: { chunkSizeBytes: 4096 } });
    source = await world.writeSource('clip.wav', makeWav(1));
  });
  afterAll(() => world.close());

  it.each(cells)('$course.workflowType, $stage.title: stops, whatever is held', async ({ course, stage }) => {
    const { simulator } = world;
    const { operation, skip = 0 } = stage;
    if (!isAfterTheEnd({ stage })) {
      const endless = { durationMs: 3_600_000, jobs: null };
      // The session is put together slowly enough to be waited for.
      if (course.provider === 'twelvelabs') simulator.setPlan('twelvelabs', { ...endless, assembleMs: 40_000 });
      else simulator.setPlan(course.provider, endless);
    }
    const fault = simulator.addFault({ kind: 'hold', operation, skip });
    const before = simulator.calls({ operation }).length;
    const workflowId = `provider-job/${course.provider}/${stage.title.replaceAll(' ', '-')}`;
    const handle = await world.start(course.workflowType, workflowId, { ...course.options, source });
    const ofStage = () => simulator.calls({ operation }).slice(before + skip);
    await eventually('the stage is reached', () => ofStage().some(({ state }) => state === 'open'));

    const cancelledAt = Date.now();
    await handle.cancel();
    if (makes.has(operation)) simulator.release(fault);
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    const tookMs = Date.now() - cancelledAt;
    simulator.clearFaults();
    const { status, memo } = await handle.describe();
    expect({ status: status.name, cleanup: memo?.['cleanup'] }).toEqual({
      status: 'CANCELLED',
      cleanup: cleanups[course.provider][stage.title],
    });
    expect(tookMs).toBeLessThan(20_000);
  });
});
