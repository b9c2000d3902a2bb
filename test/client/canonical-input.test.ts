import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { canonicalInput, withoutNulls } from '../../src/client/canonical-input.ts';
import { mediaPipelineInput } from '../../src/client/pipeline-input.ts';
import { providers } from '../../src/providers/registry.ts';

const source = 'file:///media/talk.wav';
const inputOf = (provider: keyof typeof providers) => providers[provider].lifecycle.input;

describe('two ways of writing one input', () => {
  test.each([
    ['durations', 'tiro', { source, deadline: '10m' }, { source, deadline: 600_000 }],
    ['durations', 'soket', { source, deadline: '600s' }, { deadline: '10 minutes', source }],
    ['the default credential', 'slng', { source, credential: 'default' }, { source }],
    ['nobody to notify', 'twelvelabs', { source, notify: [] }, { source, notify: undefined }],
    ['whom to notify', 'soket', { source, notify: ['b', 'a', 'b'] }, { source, notify: ['a', 'b'] }],
    ['null', 'slng', { source, model_code: null, tracking: { title: null } }, { source, tracking: {} }],
    ['defaults inside', 'slng', { source, transcription_config: { language: 'en', diarization: 'none' } }, { source }],
    ['switches', 'soket', { source, chunks: false }, { source, speech_information: false }],
    ['switches', 'twelvelabs', { source, enable_hls: false, concurrency: 5 }, { source }],
    ['one file', 'soket', { source: [source] }, { source }],
    [
      'locales',
      'tiro',
      { source, translationLocales: ['ko_KR', 'en_US'], transcriptLocaleHints: [] },
      { translationLocales: ['en_US', 'ko_KR'], source },
    ],
    [
      'the order of keys',
      'slng',
      { source, metadata: { a: 1, b: { c: 2, d: null } } },
      { metadata: { b: { d: null, c: 2 }, a: 1 }, source },
    ],
  ] as const)('is equal: %s at %s', (_, provider, one, other) => {
    const schema = inputOf(provider);
    const form = canonicalInput(schema, one);
    expect(form).not.toBeNull();
    expect(canonicalInput(schema, other)).toEqual(form);
  });

  test.each([
    ['tiro', { deadline: '10m' }, { deadline: '11m' }],
    ['tiro', { translationLocales: ['ko_KR'] }, {}],
    ['slng', { credential: 'acme' }, { credential: 'acme-eu' }],
    ['slng', { metadata: { a: null } }, { metadata: {} }],
    ['slng', { transcription_config: { language: 'ko' } }, {}],
    ['twelvelabs', { enable_hls: true }, {}],
    ['soket', { source: [source, 'file:///b.wav'] }, { source: ['file:///b.wav', source] }],
  ] as const)('is not equal at %s: %j and %j', (provider, one, other) => {
    const schema = inputOf(provider);
    const form = canonicalInput(schema, { source, ...one });
    expect(form).not.toBeNull();
    expect(canonicalInput(schema, { source, ...other })).not.toEqual(form);
  });

  test.each([
    ['file:///media/talk.wav', 'file:/media/talk.wav', 'FILE:///media/talk.wav', 'file://localhost/media/talk.wav'],
    ['file:///media/talk.wav', 'file:///media/x/../talk.wav', 'file:///media/%74alk.wav'],
    ['file:///m/%EC%9D%8C.wav', 'file:///m/%ec%9d%8c.wav', 'file:///m/음.wav'],
    ['file:///m/talk%20%281%29.wav', 'file:///m/talk%20(1).wav', 'file:///m//talk (1).wav'],
    ['file:///m/a%2C%2B%40%3D%26%21%27%5B%5D.wav', "file:///m/a,+@=&!'[].wav"],
    ['https://a.test/b?x=%2F', 'HTTPS://A.test:443/b?x=%2f', 'https://a.test/b?x=%2f#t=5'],
  ])('is equal: the address %s', (...spellings) => {
    const forms = spellings.map((spelling) => canonicalInput(inputOf('tiro'), { source: spelling }));
    expect(forms[0]).not.toBeNull();
    for (const form of forms) expect(form).toEqual(forms[0]);
  });

  test.each([
    ['file:///a%2Fb.wav', 'file:///a/b.wav'],
    ['file:///a%3Fb', 'file:///a'],
    ['file:///a%2520b', 'file:///a%20b'],
    ['file:///a%00b', 'file:///ab'],
    ['https://a.test/B', 'https://a.test/b'],
    ['https://a.test/b', 'https://a.test/b/'],
    ['https://a.test/b?x=1', 'https://a.test/b'],
  ])('is not equal: %s and %s', (one, other) => {
    const form = (spelling: string) => canonicalInput(inputOf('tiro'), { source: spelling });
    expect(form(one)).not.toEqual(form(other));
  });

  it('is equal for a pipeline down to the options of its steps', () => {
    const one = {
      steps: [
        { provider: 'tiro', options: { deadline: '10m', translationLocales: null } },
        { provider: 'slng', name: null, options: null },
      ],
      source,
      strategy: null,
    };
    const other = {
      source: 'file:/media/talk.wav',
      strategy: 'all',
      notify: [],
      steps: [
        { options: { credential: 'default', deadline: 600_000 }, provider: 'tiro', name: 'tiro', acceptPartial: false },
        { provider: 'slng' },
      ],
    };
    const form = canonicalInput(mediaPipelineInput, one);
    expect(form).not.toBeNull();
    expect(canonicalInput(mediaPipelineInput, other)).toEqual(form);
    expect(canonicalInput(mediaPipelineInput, { ...other, steps: other.steps.toReversed() })).not.toEqual(form);
  });

  it('has no form where it is refused', () => {
    expect(canonicalInput(inputOf('tiro'), { source, speed: 2 })).toBeNull();
    expect(canonicalInput(inputOf('tiro'), null)).toBeNull();
  });
});

describe('null', () => {
  const schema = z.strictObject({
    must: z.string(),
    may: z.string().optional(),
    list: z.array(z.strictObject({ may: z.int().optional() })).default([]),
    free: z.record(z.string(), z.json()).optional(),
    numbers: z.record(z.string(), z.number()).optional(),
  });

  test.each([
    ['for an optional field is absent', { must: 'a', may: null, list: null, free: null }, { must: 'a' }],
    ['is absent within lists', { must: 'a', list: [{ may: null }] }, { must: 'a', list: [{}] }],
    ['stays in free JSON', { must: 'a', free: { b: null } }, { must: 'a', free: { b: null } }],
    ['stays for a field that must be there', { must: null }, { must: null }],
    [
      'stays where it is a value among others',
      { must: 'a', numbers: { b: null } },
      { must: 'a', numbers: { b: null } },
    ],
    ['stays in an unknown field, which is refused', { must: 'a', other: null }, { must: 'a', other: null }],
    ['stays as an item', { must: 'a', list: [null] }, { must: 'a', list: [null] }],
    ['stays alone', null, null],
  ])('%s', (_, given, expected) => {
    expect(withoutNulls(schema, given)).toEqual(expected);
  });
});
