import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { providerNames } from '../../src/providers/registry.ts';
import {
  lifecycleWorkflowId,
  markerOf,
  parseWorkflowId,
  pipelineWorkflowId,
  stepKey,
  trackWorkflowId,
} from '../../src/contract/workflow-ids.ts';

const anyProvider = fc.constantFrom(...providerNames);
const shortText = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).filter((text) => text.isWellFormed());
const anyText = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 3000 }),
  fc.constantFrom('a/b', '../..', '%2F', '~', 'é', '😀', ' ', '\ud800', 'x'.repeat(200), 'x'.repeat(201)),
);

describe('workflow ids', () => {
  test.each([
    [lifecycleWorkflowId('tiro', 'talk-1'), 'provider-job/tiro/talk-1'],
    [lifecycleWorkflowId('slng', 'a/b c'), 'provider-job/slng/a%2Fb%20c'],
    [trackWorkflowId('soket', 'batch', 'b-1'), 'provider-job/soket/batch/b-1'],
    [trackWorkflowId('soket', 'batch', 'b-1', 'default'), 'provider-job/soket/batch/b-1'],
    [trackWorkflowId('soket', 'batch', 'b@1', 'acme-eu'), 'provider-job/soket/batch/b%401@acme-eu'],
    [pipelineWorkflowId('talk 1'), 'media-pipeline/talk%201'],
    [lifecycleWorkflowId('tiro', stepKey('talk', 'tiro')), 'provider-job/tiro/talk.tiro'],
  ])('read as people would write them: %s', (id, expected) => {
    expect(id).toBe(expected);
  });

  it('lead back to what they were made from', () => {
    fc.assert(
      fc.property(anyProvider, shortText, (provider, key) => {
        expect(parseWorkflowId(lifecycleWorkflowId(provider, key))).toEqual({ kind: 'lifecycle', provider, key });
        expect(parseWorkflowId(trackWorkflowId(provider, 'batch', key))).toEqual({
          ...{ kind: 'track', provider, resource: 'batch', id: key },
        });
        expect(parseWorkflowId(trackWorkflowId(provider, 'batch', key, 'acme_eu-1'))).toEqual({
          ...{ kind: 'track', provider, resource: 'batch', id: key, credential: 'acme_eu-1' },
        });
        expect(parseWorkflowId(pipelineWorkflowId(key))).toEqual({ kind: 'pipeline', key });
      }),
      { numRuns: 1000 },
    );
  });

  it('have parts of at most 200 characters and are never longer than the server takes', () => {
    fc.assert(
      fc.property(anyProvider, anyText, (provider, text) => {
        for (const id of [lifecycleWorkflowId(provider, text), trackWorkflowId(provider, 'multipart-upload', text)]) {
          expect(id.length).toBeLessThan(1000);
          for (const part of id.split('/')) expect(part.length).toBeLessThanOrEqual(200);
          expect(id).toMatch(/^[\x21-\x7e]+$/);
          expect(parseWorkflowId(id)).not.toBeNull();
        }
      }),
    );
  });

  it('are distinct for distinct keys, also for long ones that begin alike', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.string({ minLength: 200, maxLength: 400 }), (one, other, start) => {
        fc.pre(one.toWellFormed() !== other.toWellFormed());
        expect(pipelineWorkflowId(one)).not.toBe(pipelineWorkflowId(other));
        expect(pipelineWorkflowId(start + one)).not.toBe(pipelineWorkflowId(start + other));
      }),
    );
  });

  it('of tracks are distinct for distinct accounts, whatever the ids', () => {
    const accounts = fc.constantFrom('default', 'acme', 'acme-eu', 'a');
    fc.assert(
      fc.property(anyText, accounts, anyText, accounts, (one, account, other, otherAccount) => {
        fc.pre(account !== otherAccount);
        for (const id of [one, other, `${one}@${account}`]) {
          const theirs = trackWorkflowId('tiro', 'voice-file-job', id, otherAccount);
          expect(trackWorkflowId('tiro', 'voice-file-job', one, account)).not.toBe(theirs);
        }
      }),
    );
  });

  it('cannot be forged: a short key is never taken for a long one that is hashed', () => {
    const long = pipelineWorkflowId('x'.repeat(500));
    expect(pipelineWorkflowId(long.slice('media-pipeline/'.length))).not.toBe(long);
  });

  test.each([
    '',
    'provider-job',
    'provider-job/tiro',
    'provider-job/a/b/c/d',
    'media-pipeline/a/b',
    'other/a',
    'media-pipeline',
  ])('of others are not taken for ours: %j', (id) => {
    expect(parseWorkflowId(id)).toBeNull();
  });

  it('with a broken percent sign are read as they stand', () => {
    expect(parseWorkflowId('media-pipeline/100%')).toEqual({ kind: 'pipeline', key: '100%' });
  });
});

describe('the marker of a lifecycle', () => {
  const run = '0198a5c2-7f3e-7b7a-9c61-3f1f0a7d2b11';
  const other = '0198a5c2-7f3e-7b7a-9c61-3f1f0a7d2b12';

  it('is 16 lower-case hexadecimal characters, whatever the id', () => {
    fc.assert(
      fc.property(anyText, fc.uuid(), (id, runId) => {
        expect(markerOf(id, runId)).toMatch(/^[0-9a-f]{16}$/);
      }),
    );
  });

  it('is the same in every attempt', () => {
    expect(markerOf('provider-job/tiro/talk', run)).toBe(markerOf('provider-job/tiro/talk', run));
    // Jobs that are under way when a worker is replaced find what they made by it.
    expect(markerOf('provider-job/tiro/talk', run)).toBe('8d365031f55fadda');
  });

  it('is another one under the same id for another run, and in the same run for another id', () => {
    expect(markerOf('provider-job/tiro/talk', run)).not.toBe(markerOf('provider-job/tiro/talk', other));
    expect(markerOf('provider-job/tiro/talk', run)).not.toBe(markerOf('provider-job/slng/talk', run));
  });

  it('tells nothing of what it was made from', () => {
    expect(markerOf('provider-job/tiro/abc', run)).not.toContain('abc');
  });

  it('is distinct for a hundred thousand jobs whose ids differ by little', () => {
    const markers = new Set<string>();
    for (let index = 0; index < 50_000; index += 1) {
      markers.add(markerOf(`provider-job/tiro/talk-${String(index)}`, run));
      markers.add(markerOf(`provider-job/${String(index)}/talk`, other));
    }
    expect(markers.size).toBe(100_000);
  });
});
