import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tookMs } from '../../../src/activities/wait/took.ts';
import { initialPollState, type PollState } from '../../../src/polling/poll-state.ts';
import type { JobSnapshot, Phase, ProviderTimestamps } from '../../../src/snapshot.ts';

const nowMs = Date.parse('2026-11-06T12:00:00Z');
const providerNowMs = nowMs + 3_600_000;
const atProvider = (agoSeconds: number) => new Date(providerNowMs - agoSeconds * 1000).toISOString();
const startedAtMs = nowMs - 100_000;
const fresh = initialPollState(startedAtMs);
const state = (phase: Phase, timestamps: ProviderTimestamps = {}): PollState => ({
  ...fresh,
  snapshot: { phase, timestamps, status: phase } as JobSnapshot,
});
const done = (timestamps: ProviderTimestamps = {}) => state('succeeded', timestamps);
const ours = { isOurs: true, providerNowMs, lastLookAtMs: nowMs - 10_000 };
const running = state('running');

describe('how long a job took', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: nowMs });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is what the provider says, whoever began it and however often it was looked at', () => {
    const after = done({ startedAt: atProvider(80), finishedAt: atProvider(5) });
    const took = { endedAtMs: 75_000 };
    expect(tookMs({ before: running, after, ...ours })).toEqual({ ...took, foundByFirstLook: false });
    expect(tookMs({ before: fresh, after, ...ours, isOurs: false })).toEqual({ ...took, foundByFirstLook: true });
  });

  it('is until the end that it tells by its own clock, where it tells no beginning', () => {
    const after = done({ finishedAt: atProvider(5) });
    expect(tookMs({ before: running, after, ...ours })).toEqual({ endedAtMs: 95_000, foundByFirstLook: false });
  });

  it('lies between the last look and this one, where it tells nothing', () => {
    expect(tookMs({ before: running, after: done(), ...ours })).toEqual({
      ...{ afterMs: 90_000, byMs: 100_000, foundByFirstLook: false },
    });
    expect(tookMs({ before: running, after: done(), ...ours, lastLookAtMs: null })).toMatchObject({ afterMs: 0 });
  });

  it('is anything up to now at the first look', () => {
    expect(tookMs({ before: fresh, after: done(), ...ours, lastLookAtMs: null })).toEqual({
      ...{ afterMs: 0, byMs: 100_000, foundByFirstLook: true },
    });
  });

  it('counts from the last look at a job that was queued then', () => {
    expect(tookMs({ before: state('queued'), after: done(), ...ours })).toEqual({
      ...{ afterMs: 0, byMs: 10_000, foundByFirstLook: true },
    });
    expect(tookMs({ before: state('queued'), after: done(), ...ours, lastLookAtMs: null })).toBeNull();
    const after = done({ finishedAt: atProvider(5) });
    expect(tookMs({ before: state('queued'), after, ...ours })).toEqual({
      ...{ afterMs: 0, byMs: 5000, foundByFirstLook: true },
    });
  });

  it('is not known of a job that others began and that tells no times', () => {
    expect(tookMs({ before: running, after: done(), ...ours, isOurs: false })).toBeNull();
  });

  it('minds no times that cannot be', () => {
    const after = done({ startedAt: 'soon', finishedAt: atProvider(-60) });
    expect(tookMs({ before: running, after, ...ours })).toMatchObject({ afterMs: 90_000 });
  });
});
