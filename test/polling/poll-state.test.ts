import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { isTerminal, type JobSnapshot, type Phase, phases } from '../../src/snapshot.ts';
import {
  afterAnswer,
  initialPollState,
  isNews,
  type PollState,
  recallPollState,
} from '../../src/polling/poll-state.ts';

function snapshotOf(phase: Phase | null, status: string = phase ?? 'MYSTERY'): JobSnapshot {
  return {
    ...{ resource: 'tiro.voice-file-job', id: 'a', status, phase, recognised: phase !== null },
    ...{ progress: null, message: null, timestamps: {}, observedAt: '2026-11-06T08:49:37.000Z' },
  };
}

const fresh = initialPollState(1000);

function after(answers: readonly (Phase | null)[], allowsBackwards = false): PollState {
  return answers.reduce((state, phase) => afterAnswer(state, snapshotOf(phase), allowsBackwards, 2000), fresh);
}

describe('the state of a wait', () => {
  it('begins with nothing asked and nothing known', () => {
    expect(fresh).toEqual({ calls: 0, startedAtMs: 1000, snapshot: null, statusSinceMs: null });
    expect(initialPollState(1000, 7).calls).toBe(7);
  });

  test.each<[string, (Phase | null)[], Phase | null]>([
    ['takes the first phase', ['running'], 'running'],
    ['goes forward', ['queued', 'running', 'succeeded'], 'succeeded'],
    ['may skip phases', ['awaiting-upload', 'failed'], 'failed'],
    ['keeps its phase at a word that nobody knows', ['running', null], 'running'],
    ['knows no phase where it never heard a known word', [null, null], null],
    ['does not go backwards', ['running', 'queued', 'awaiting-upload'], 'running'],
    ['goes on from the phase it kept', ['running', 'queued', 'succeeded'], 'succeeded'],
    ['never leaves an end', ['succeeded', 'running'], 'succeeded'],
    ['never goes from one end to another', ['failed', 'succeeded'], 'failed'],
    ['never leaves an end for an unknown word', ['expired', null], 'expired'],
  ])('%s', (_what, answers, phase) => {
    expect(after(answers).snapshot?.phase).toBe(phase);
  });

  it('goes backwards where the provider is known to, but not from an end', () => {
    expect(after(['running', 'queued'], true).snapshot?.phase).toBe('queued');
    expect(after(['succeeded', 'queued'], true).snapshot?.phase).toBe('succeeded');
  });

  it('shows the provider’s latest word although it keeps the phase', () => {
    const { snapshot } = after(['running', null]);
    expect(snapshot).toMatchObject({ status: 'MYSTERY', recognised: false, phase: 'running' });
  });

  it('never leaves an end, whatever comes', () => {
    const anyPhase = fc.constantFrom<Phase | null>(null, ...phases);
    fc.assert(
      fc.property(fc.array(anyPhase, { minLength: 1 }), fc.boolean(), (answers, allowsBackwards) => {
        const firstEnd = answers.find((phase) => isTerminal(phase));
        const { snapshot } = after(answers, allowsBackwards);
        if (firstEnd === undefined) expect(isTerminal(snapshot?.phase ?? null)).toBe(false);
        else expect(snapshot?.phase).toBe(firstEnd);
      }),
    );
  });

  it('knows since when the provider says the same word', () => {
    let state = afterAnswer(fresh, snapshotOf('queued', 'Q'), false, 10);
    state = afterAnswer(state, snapshotOf('queued', 'Q'), false, 20);
    expect(state.statusSinceMs).toBe(10);
    state = afterAnswer(state, snapshotOf('queued', 'R'), false, 30);
    expect(state.statusSinceMs).toBe(30);
  });

  it('keeps its calls and its start through an answer', () => {
    expect(afterAnswer({ ...fresh, calls: 3 }, snapshotOf('running'), false, 300)).toMatchObject({
      ...{ calls: 3, startedAtMs: 1000 },
    });
  });
});

describe('what an attempt finds of the one that wrote the state', () => {
  const written: PollState = { ...initialPollState(1000, 2), attempt: 3 };

  test.each([
    ['the next one', 4, 2],
    ['one after four that wrote nothing', 8, 6],
    ['one that counts from one again', 1, 2],
  ])('%s counts the requests made since', (_what, attempt, calls) => {
    expect(recallPollState(written, attempt)).toEqual({ ...written, calls, attempt: attempt - 1 });
  });

  it('is news where the status, the phase, the start, or what was said changed, and nothing else', () => {
    const seen = { ...after(['running']), attempt: 1 };
    const later = {
      ...seen.snapshot,
      observedAt: 'later',
      progress: { done: 1, total: 2, unit: 'files' },
    } as JobSnapshot;
    expect(isNews(seen, { ...seen, calls: 9, attempt: 5, snapshot: later })).toBe(false);
    expect(isNews(seen, { ...seen, snapshot: { ...later, status: 'OTHER' } })).toBe(true);
    expect(isNews(seen, { ...seen, startedAtMs: 1 })).toBe(true);
    expect(isNews(seen, { ...seen, toldPhase: 'running' })).toBe(true);
    expect(isNews(seen, { ...seen, hasBegun: true })).toBe(true);
    expect(isNews(null, seen)).toBe(true);
    // Waits of 0.2 wrote after each look and count no attempts.
    expect(isNews(after(['running']), seen)).toBe(true);
  });

  it('is news where attempts count from the first again, as after a reset by hand', () => {
    const known = { ...fresh, calls: 7, attempt: 7 };
    expect(isNews(known, { ...known, calls: 8, attempt: 8 })).toBe(false);
    expect(isNews(known, { ...known, calls: 8, attempt: 1 })).toBe(true);
  });
});
