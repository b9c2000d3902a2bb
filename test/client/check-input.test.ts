import { Client } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { checkLifecycleInput, checkPipelineInput, checkStart, checkTrack } from '../../src/client/check-input.ts';
import { InvalidInputError } from '../../src/client/invalid-input-error.ts';
import type { MediaPipelineInput } from '../../src/contract/pipeline.ts';

// Never connects: nothing here asks a server.
const client = new Client();
const source = 'file:///talk.wav';
const minuteMs = 60_000;

function faultsOf(check: () => unknown): Record<string, string> {
  try {
    check();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return Object.fromEntries(error.faults.map(({ field, problem }) => [field, problem]));
  }
  return {};
}

describe('checkLifecycleInput', () => {
  it('names every wrong field, what is allowed and what was given', () => {
    const faults = faultsOf(() =>
      checkLifecycleInput(client, 'tiro', { source: 'talk.wav', deadline: 'soon', chunks: true, notify: 'me' }),
    );
    expect(Object.keys(faults).sort()).toEqual(['chunks', 'deadline', 'notify', 'source']);
    expect(faults['source']).toBe(
      'expected a file:, https: or s3: URI, for instance file:///media/talk.wav or s3://bucket/talk.wav; given "talk.wav"',
    );
    expect(faults['deadline']).toContain('expected a duration from 1s to 30d');
    expect(faults['chunks']).toContain('there are source, transcriptLocaleHints');
  });

  it('joins what each branch of a choice expects', () => {
    expect(faultsOf(() => checkLifecycleInput(client, 'tiro', { source, deadline: true }))['deadline']).toMatch(
      /string.*, or .*number.*given true/,
    );
  });

  it.each([
    ['the value of credential', { source, credential: 'sk-LIVE-canary' }],
    ['the query of an address', { source: 'https://media.test/talk.wav?X-Amz-Signature=canary' }],
    ['the password in an address', { source: 'https://me:canary@media.test/talk.wav' }],
    ['the query of an address that is no source', { source: 'ftp://media.test/talk.wav?token=canary' }],
    ['the value of an option that does not exist', { source, apiKey: 'canary' }],
  ])('does not repeat %s', (_, input) => {
    const faults = faultsOf(() => checkLifecycleInput(client, 'slng', input));
    expect(Object.keys(faults)).toHaveLength(1);
    expect(JSON.stringify(faults)).not.toContain('canary');
  });

  it('names the one of several files that is not accepted', () => {
    const input = { source: [source, 'https://media.test/talk.wav?sig=x'] };
    expect(Object.keys(faultsOf(() => checkLifecycleInput(client, 'soket', input)))).toEqual(['source.1']);
  });

  it.each([
    ['the given deadline', { source, deadline: '10m' }, 10 * minuteMs],
    ['a number of milliseconds', { source, deadline: 90_000 }, 90_000],
    ['the longest of the table where none is given', { source }, 72 * minuteMs],
  ])('gives %s', (_, input, expected) => {
    expect(checkLifecycleInput(client, 'tiro', input).deadlineMs).toBe(expected);
  });
});

describe('a value of another kind than anybody would give', () => {
  it.each([null, undefined, 5, {}, ['tiro'], ['tiro.voice-file-job'], 'x'.repeat(1000)])(
    'is refused as provider and as resource: %j',
    (given) => {
      const provider = faultsOf(() => checkLifecycleInput(client, given as never, { source }));
      expect(provider['provider']).toMatch(/^expected one of soket, .*; given /);
      expect(faultsOf(() => checkTrack(given, 'id', {}))['resource']).toMatch(/^expected one of soket\.upload, /);
    },
  );

  const circle: Record<string, unknown> = { a: 1 };
  circle['again'] = [circle, circle];
  const nested = JSON.parse('{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000)) as unknown;
  it.each([
    ['goes in a circle', circle],
    ['is 20,000 levels deep', nested],
    ['is no JSON', { when: () => 1 }],
    ['is no number', { rate: NaN }],
  ])('is refused by its name where free JSON %s', (_what, value) => {
    const faults = (more: object) => faultsOf(() => checkLifecycleInput(client, 'slng', { source, ...more }));
    const problem = 'expected JSON of at most 100 levels; given an object';
    expect(faults({ metadata: { ours: value } })).toEqual({ 'metadata.ours': problem });
    expect(faults({ tracking: { details: value } })).toEqual({ 'tracking.details': problem });
    const steps = [{ provider: 'slng', options: { tracking: { details: value } } }];
    const ofSteps = faultsOf(() => checkPipelineInput(client, { source, steps } as MediaPipelineInput));
    expect(ofSteps).toEqual({ 'steps.0.options.tracking.details': problem });
  });

  it('is taken where it is JSON', () => {
    const metadata = { a: [1, 'b', null, { c: true }] };
    expect(faultsOf(() => checkLifecycleInput(client, 'slng', { source, metadata }))).toEqual({});
  });

  it.each(['\ud800', 'a\udc00', '€'.repeat(334), ''])('is refused as a workflow id to notify: %j', (id) => {
    const problem = expect.stringContaining('expected a workflow id of 1 to 1000 bytes') as string;
    expect(faultsOf(() => checkLifecycleInput(client, 'tiro', { source, notify: [id] }))).toEqual({
      'notify.0': problem,
    });
    expect(faultsOf(() => checkTrack('tiro.voice-file-job', 'id', { notify: ['€'.repeat(333), id] }))).toEqual({
      'notify.1': problem,
    });
  });
});

describe('checkPipelineInput', () => {
  const check = (input: object) => faultsOf(() => checkPipelineInput(client, input as MediaPipelineInput));

  it('checks the options of each step by its own provider', () => {
    const faults = check({
      source,
      steps: [
        { provider: 'tiro', options: { chunks: true, deadline: 'soon' } },
        { provider: 'acme' },
        { provider: 'slng', options: { source, transcription_config: { diarization: 'all' } } },
      ],
      strategy: 'best',
    });
    expect(Object.keys(faults).sort()).toEqual([
      'steps.0.options.chunks',
      'steps.0.options.deadline',
      'steps.1.provider',
      'steps.2.options.source',
      'steps.2.options.transcription_config.diarization',
      'strategy',
    ]);
  });

  it('wants steps, each with a name of its own', () => {
    expect(check({ source, steps: [] })['steps']).toContain('at least one step');
    expect(check({ source, steps: [{ provider: 'tiro' }, { provider: 'tiro' }] })['steps.1.name']).toContain('tiro');
    expect(check({ source, steps: [{ provider: 'tiro' }, { provider: 'tiro', name: 'again' }] })).toEqual({});
  });

  it.each([
    ['all', 20 * minuteMs],
    ['race', 20 * minuteMs],
    ['first-success', 30 * minuteMs],
  ] as const)('lets %s take as long as its steps', (strategy, expected) => {
    const steps: MediaPipelineInput['steps'] = [
      { provider: 'tiro', options: { deadline: '10m' } },
      { provider: 'slng', options: { deadline: '20m' } },
    ];
    expect(checkPipelineInput(client, { source, steps, strategy }).deadlineMs).toBe(expected);
  });
});

describe('checkTrack', () => {
  it('splits the name of a resource and gives 24 hours where no deadline is given', () => {
    const target = checkTrack('twelvelabs.multipart-upload', '6760135a', {});
    expect(target).toMatchObject({
      provider: 'twelvelabs',
      resource: 'multipart-upload',
      deadlineMs: 24 * 60 * minuteMs,
    });
  });

  it.each(['tiro', 'tiro.batch', 'acme.job', 'tiro.toString', ''])('refuses %j, naming the resources', (resource) => {
    expect(faultsOf(() => checkTrack(resource, 'id', {}))['resource']).toContain('tiro.voice-file-job');
  });

  it('names a wrong id and wrong options together', () => {
    const options = { credential: 'default', observe: 'never' } as never;
    const faults = faultsOf(() => checkTrack('tiro.voice-file-job', '', options));
    expect(Object.keys(faults).sort()).toEqual(['id', 'observe']);
  });

  it.each(['tiro.voice-file-job', 'slng.batch-job', 'soket.batch', 'twelvelabs.asset'])(
    'lets %s be collected',
    (name) => {
      expect(checkTrack(name, 'id1', { collect: true }).provider).toBe(name.split('.')[0]);
    },
  );

  it.each(['soket.upload', 'twelvelabs.multipart-upload'])('refuses to collect %s, naming what has results', (name) => {
    expect(faultsOf(() => checkTrack(name, 'id', { collect: true }))).toEqual({
      collect: `a ${name} has no results; those that have are soket.batch, twelvelabs.asset, tiro.voice-file-job, slng.batch-job`,
    });
    expect(faultsOf(() => checkTrack(name, 'id', { collect: false }))).toEqual({});
  });

  it.each<[string, object, string]>([
    ['tiro.voice-file-job', { translationLocales: ['ko_KR'] }, 'only with collect'],
    ['tiro.voice-file-job', { translationLocales: ['korean'], collect: true }, 'expected a locale such as'],
    ['soket.batch', { translationLocales: ['ko_KR'], collect: true }, 'a soket.batch has no translations'],
  ])('refuses translations of %s with %j', (name, options, words) => {
    const [problem] = Object.values(faultsOf(() => checkTrack(name, 'id', options)));
    expect(problem).toContain(words);
  });

  it('takes the translations that are wanted of Tiro', () => {
    const options = { translationLocales: ['ko_KR'], collect: true };
    expect(faultsOf(() => checkTrack('tiro.voice-file-job', 'id', options))).toEqual({});
  });
});

describe('checkStart', () => {
  it('passes key and priority on and refuses what is none', () => {
    expect(checkStart({ key: 'talk/1', priority: 1 })).toEqual({ key: 'talk/1', priority: 1 });
    expect(checkStart({})).toEqual({});
    expect(Object.keys(faultsOf(() => checkStart({ key: ' ', priority: 6 })))).toEqual(['key', 'priority']);
    for (const priority of [0, 1.5, NaN, '1' as never]) {
      expect(Object.keys(faultsOf(() => checkStart({ priority })))).toEqual(['priority']);
    }
  });
});
