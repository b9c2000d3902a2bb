import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTurns } from '../../../src/providers/connection/turns.ts';
import { eventually } from '../../setup/eventually.ts';

const never = new AbortController().signal;
const reason = new Error('enough');

/** So many who wait for a turn; those who have had one are counted. */
function queue(turns: ReturnType<typeof createTurns>, length: number, signal = never) {
  const served = { count: 0 };
  const ended = Array.from({ length }, () =>
    turns.take(signal).then(
      () => (served.count += 1),
      (error: unknown) => {
        expect(error).toBe(reason);
      },
    ),
  );
  return { served, ended: Promise.all(ended) };
}

describe('the turns of a key', () => {
  it('are waited for where they are near', async () => {
    const turns = createTurns({ requests: 10, perMs: 1000 }, 1);
    expect(turns.comeAgain()).toBe(0);
    await turns.take(never);
    expect(turns.comeAgain()).toBe(0);
  });

  it('are come back for, as far apart as they are, where more wait than have one soon', async () => {
    const turns = createTurns({ requests: 1, perMs: 1000 }, 1);
    const { served, ended } = queue(turns, 3);
    await eventually('the first has gone', () => served.count > 0);
    const [first, second, third] = [1, 2, 3].map(() => Number(turns.comeAgain()));
    expect(first).toBeGreaterThan(2000);
    expect(first).toBeLessThanOrEqual(3000);
    expect(Math.round((Number(second) - Number(first)) / 100)).toBe(10);
    expect(Math.round((Number(third) - Number(second)) / 100)).toBe(10);
    await ended;
  });

  it('are kept for who was told to come again, though others wait', async () => {
    // One each 100 ms and always someone who waits: 30 are 3 s.
    const turns = createTurns({ requests: 1, perMs: 100 }, 1);
    const { served, ended } = queue(turns, 30);
    await eventually('the first has gone', () => served.count > 0);
    const inMs = Number(turns.comeAgain());
    expect(inMs).toBeGreaterThan(2000);
    const later = queue(turns, 30);
    await delay(inMs);
    await eventually('the turn is had', () => turns.comeAgain() === 'taken');
    expect(later.served.count).toBeLessThan(30);
    await Promise.all([ended, later.ended]);
  });

  it('go to the next where the first has given up', async () => {
    const turns = createTurns({ requests: 1, perMs: 300 }, 1);
    await turns.take(never);
    const gone = new AbortController();
    const leaving = queue(turns, 400, gone.signal);
    const staying = queue(turns, 1);
    gone.abort(reason);
    await Promise.all([leaving.ended, staying.ended]);
    expect(leaving.served.count).toBe(0);
    expect(staying.served.count).toBe(1);
    // Nor do those who left hold up a look.
    expect(turns.comeAgain()).toBe(0);
  });

  it('are far off where the bucket is empty, though nobody waits', async () => {
    const turns = createTurns({ requests: 60, perMs: 3_600_000 }, 1);
    for (let taken = 0; taken < 3; taken += 1) await turns.take(never);
    expect(turns.comeAgain()).toBeGreaterThan(30_000);
  });

  describe('once those that may go at once have gone', () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['performance', 'Date', 'setTimeout', 'clearTimeout'] });
    });
    afterEach(() => {
      vi.useRealTimers();
    });
    // 30 at once, and then one each 3.2 s.
    const hundreds = { requests: 600, perMs: 1_800_000 };

    it('come one by one', async () => {
      const turns = createTurns(hundreds, 1);
      const { served, ended } = queue(turns, 35);
      await vi.advanceTimersByTimeAsync(0);
      expect(served.count).toBe(30);
      for (const count of [31, 32, 33, 34, 35]) {
        await vi.advanceTimersByTimeAsync(3200);
        expect(served.count).toBe(count);
      }
      await ended;
    });

    it('are there for who comes again when told to', async () => {
      const turns = createTurns(hundreds, 1);
      const { ended } = queue(turns, 30);
      await ended;
      const inMs = Number(turns.comeAgain());
      expect(inMs).toBeGreaterThan(2000);
      await vi.advanceTimersByTimeAsync(inMs + 1);
      expect(turns.comeAgain()).toBe('taken');
    });
  });
});
