import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { anchorMs } from '../../../src/activities/wait/anchor.ts';
import { initialPollState, type PollState } from '../../../src/polling/poll-state.ts';
import type { JobSnapshot, Phase, ProviderTimestamps } from '../../../src/snapshot.ts';

const nowMs = Date.parse('2026-11-06T12:00:00Z');
// The provider's clock is an hour ahead of ours.
const providerNowMs = nowMs + 3_600_000;
const atProvider = (agoSeconds: number) => new Date(providerNowMs - agoSeconds * 1000).toISOString();

const submittedMs = nowMs - 300_000;
const state = (phase: Phase | null, timestamps: ProviderTimestamps = {}, startedAtMs = submittedMs): PollState => ({
  ...initialPollState(startedAtMs),
  snapshot: { phase, timestamps, status: String(phase) } as JobSnapshot,
});
const fresh = initialPollState(submittedMs);
const ours = { isOurs: true, providerNowMs, lastLookAtMs: nowMs - 50_000 };

describe('when a job began', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: nowMs });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is what the provider says of its processing, by its own clock', () => {
    const after = state('running', { startedAt: atProvider(20), uploadedAt: atProvider(200) });
    for (const before of [fresh, state('queued')]) expect(anchorMs({ before, after, ...ours })).toBe(nowMs - 20_000);
  });

  it('is the last look, where it was queued then and the provider says nothing', () => {
    expect(anchorMs({ before: state('queued'), after: state('running'), ...ours })).toBe(nowMs - 50_000);
    expect(anchorMs({ before: state('queued'), after: state('running'), ...ours, lastLookAtMs: null })).toBe(nowMs);
  });

  it('is when we submitted it, where it was running at the first look', () => {
    const after = state('running', { createdAt: atProvider(4000) });
    expect(anchorMs({ before: fresh, after, ...ours })).toBe(submittedMs);
  });

  it('is by its age where others began it', () => {
    const after = state('running', { createdAt: atProvider(4000) });
    expect(anchorMs({ before: fresh, after, ...ours, isOurs: false })).toBe(nowMs - 4_000_000);
    expect(anchorMs({ before: fresh, after: state('running'), ...ours, isOurs: false })).toBe(submittedMs);
  });

  it('stays while the phase stays, and while it is queued', () => {
    const moving = state('running', { startedAt: atProvider(19) }, nowMs - 20_000);
    expect(anchorMs({ before: moving, after: moving, ...ours })).toBe(nowMs - 20_000);
    expect(anchorMs({ before: state('awaiting-upload'), after: state('queued'), ...ours })).toBe(submittedMs);
  });

  it('minds no time that cannot be', () => {
    for (const startedAt of [atProvider(-60), 'soon', '']) {
      const after = state('running', { startedAt });
      expect(anchorMs({ before: state('queued'), after, ...ours })).toBe(nowMs - 50_000);
    }
  });
});
