import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProviderJobs } from '../../src/client.ts';
import { providerJobFailureAttribute } from '../../src/contract/search-attributes.ts';
import { startWorld, type World } from '../setup/world.ts';

const half = '\ud800';
const track = { provider: 'tiro', resource: 'voice-file-job', id: 'job-1' };

describe('an input that nobody has checked', () => {
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
    ...['tiroTranscription', 'trackJob', 'mediaPipeline', 'ingest', 'sweep'].flatMap((type) =>
      [undefined, null, 7, 'text', []].map((input): [string, string, unknown] => [type, 'input', input]),
    ),
  ])(
    'of text that Temporal cannot take is refused by %s as its field %s, and the worker works on',
    async (type, field, input) => {
      const id = `ill-formed-${type}-${field}-${createHash('md5').update(inspect(input)).digest('hex')}`;
      const handle = await world.client.workflow.start(type, {
        ...{ taskQueue: 'provider-jobs', workflowId: id, args: [input] },
      });
      await expect(handle.result()).rejects.toMatchObject({
        cause: { type: 'InvalidInput', message: expect.stringMatching(new RegExp(`^${field}: expected `)) as string },
      });
    },
  );

  const pipeline = { source: 'file:///talk.wav', steps: [{ provider: 'tiro' }] };
  it.each([
    ['trackJob', 'colect: no such field; there are', { ...track, colect: true }],
    ['trackJob', 'credentail: no such field; there are', { ...track, credentail: 'acme' }],
    ['trackJob', 'collect: expected true or false', { ...track, collect: 'true' }],
    ['trackJob', 'observe: expected one of phases, terminal', { ...track, observe: 'end' }],
    ['mediaPipeline', 'stratgy: no such field; there are', { ...pipeline, stratgy: 'race' }],
    ['mediaPipeline', 'steps.0.option: no such field', { ...pipeline, steps: [{ provider: 'tiro', option: {} }] }],
    [
      'mediaPipeline',
      'steps.0.acceptPartial: expected',
      { ...pipeline, steps: [{ provider: 'tiro', acceptPartial: 'no' }] },
    ],
    [
      'ingest',
      'stratgy: no such field; there are',
      { directory: '/nowhere', steps: [{ provider: 'tiro' }], stratgy: 'race' },
    ],
    ['sweep', 'delet: no such field; there are', { providers: ['tiro'], delet: true }],
  ])(
    'a field that %s does not know, or that is of another type, is refused, started by whatever means: %s',
    async (type, words, input) => {
      const handle = await world.start(type, `misspelt-${type}-${words.split(':')[0] ?? ''}`, input);
      await expect(handle.result()).rejects.toMatchObject({
        cause: { type: 'InvalidInput', message: expect.stringContaining(words) as string },
      });
      expect(world.simulator.calls({})).toEqual([]);
    },
  );

  it('a field that is null is absent, also one that nobody knows', async () => {
    const handle = await world.start('trackJob', 'nulls', { ...track, colect: null, notify: null });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'JobNotFound' } });
  });

  const good = { jobFinished: { provider: 'tiro', phase: null, failure: { type: 'InvalidInput' } } };
  it.each([
    ['tiroTranscription', { source: 'file:///talk.wav', credential: half }, good],
    ['trackJob', { ...track, colect: true }, good],
    ['trackJob', { ...track, resource: half }, good],
    ['mediaPipeline', { ...pipeline, stratgy: 'race' }, { pipelineFinished: { failure: { type: 'InvalidInput' } } }],
    ['mediaPipeline', { source: 'file:///talk.wav' }, { pipelineFinished: { failure: { type: 'InvalidInput' } } }],
    [
      'mediaPipeline',
      {
        ...pipeline,
        steps: Array.from({ length: 2500 }, (_, index) => ({ provider: 'tiro', name: `s${String(index)}` })),
      },
      { pipelineFinished: { failure: { type: 'InvalidInput' } } },
    ],
    ['mediaPipeline', { ...pipeline, steps: [] }, { pipelineFinished: { failure: { type: 'InvalidInput' } } }],
  ])(
    'of %s that is refused is told to whoever waits, however ill the rest, and found by its failure: %o',
    async (type, input, told) => {
      const name = `told-${type}-${String(Object.keys(input).length)}-${JSON.stringify(input).length.toString()}`;
      const receiver = await world.client.workflow.start('anything', {
        ...{ taskQueue: 'nobody-serves', workflowId: `${name}-receiver` },
      });
      const notify = [half, receiver.workflowId, 7];
      const handle = await world.start(type, name, { ...input, notify });
      await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
      const { events } = await receiver.fetchHistory();
      const signals = events?.flatMap(({ workflowExecutionSignaledEventAttributes: signal }) =>
        signal
          ? [[signal.signalName, defaultPayloadConverter.fromPayload(signal.input?.payloads?.[0] as Payload)]]
          : [],
      );
      expect(Object.fromEntries(signals ?? [])).toMatchObject(told);
      const { typedSearchAttributes } = await handle.describe();
      expect(typedSearchAttributes.get(providerJobFailureAttribute)).toBe('InvalidInput');
      await receiver.terminate();
    },
  );

  it('of a pipeline that is refused is its result, as of any other that failed', async () => {
    await world.start('mediaPipeline', 'media-pipeline/refused', { ...pipeline, stratgy: 'race' });
    const result = await new ProviderJobs(world.client).pipelineHandle('media-pipeline/refused').result();
    expect(result).toMatchObject({ succeeded: false, failure: { type: 'InvalidInput' }, jobs: [] });
  });
});
