import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createTurns } from '../../../src/providers/connection/turns.ts';

const never = new AbortController().signal;

describe('the turns of a key', () => {
  it('are waited for where they are near', async () => {
    const turns = createTurns({ requests: 10, perMs: 1000 }, 1);
    expect(turns.comeAgainInMs()).toBe(0);
    await turns.take(never);
    expect(turns.comeAgainInMs()).toBe(0);
  });

  it('are come back for, one after the other, where more wait than have a turn soon', async () => {
    // One each second: the first goes, three wait.
    const turns = createTurns({ requests: 1, perMs: 1000 }, 1);
    const gaveUp = new AbortController();
    const waiting = Array.from({ length: 4 }, () => turns.take(gaveUp.signal).catch(() => 'gave up'));
    await delay(0);
    const [first = 0, second = 0, third = 0] = [1, 2, 3].map(() => turns.comeAgainInMs());
    expect(first).toBeGreaterThan(3000);
    expect(first).toBeLessThanOrEqual(5000);
    expect(Math.round((second - first) / 100)).toBe(10);
    expect(Math.round((third - second) / 100)).toBe(10);
    gaveUp.abort(new Error('enough'));
    await Promise.all(waiting);
    // Who has given up is in nobody's way.
    while (turns.comeAgainInMs() > 0) await delay(20);
  });
});
