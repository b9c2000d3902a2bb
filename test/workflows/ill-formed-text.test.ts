import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../setup/world.ts';

const half = '\ud800';
const track = { provider: 'tiro', resource: 'voice-file-job', id: 'job-1' };

describe('a text that Temporal cannot take', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.close());

  it.each([
    ['trackJob', 'notify.0', { ...track, notify: [half] }],
    ['trackJob', 'notify.1', { ...track, notify: ['parent', '€'.repeat(334)] }],
    ['trackJob', 'credential', { ...track, credential: `a${half}` }],
    ['trackJob', 'credential', { ...track, credential: '€'.repeat(22) }],
    ['trackJob', 'provider', { ...track, provider: half }],
    ['trackJob', 'resource', { ...track, resource: half }],
    ['trackJob', 'id', { ...track, id: half }],
    ['tiroTranscription', 'notify.0', { source: 'file:///talk.wav', notify: [''] }],
    ['mediaPipeline', 'notify.0', { source: 'file:///talk.wav', steps: [{ provider: 'tiro' }], notify: [half] }],
    ['mediaPipeline', 'steps.0.name', { source: 'file:///talk.wav', steps: [{ provider: 'tiro', name: half }] }],
    ['ingest', 'directory', { directory: half }],
  ])('is refused by %s as its field %s, and the worker works on', async (type, field, input) => {
    const id = `ill-formed-${type}-${JSON.stringify(input).length.toString()}-${field}`;
    const handle = await world.client.workflow.start(type, {
      ...{ taskQueue: 'provider-jobs', workflowId: id, args: [input] },
    });
    await expect(handle.result()).rejects.toMatchObject({
      cause: { type: 'InvalidInput', message: expect.stringMatching(new RegExp(`^${field}: expected `)) as string },
    });
  });
});
