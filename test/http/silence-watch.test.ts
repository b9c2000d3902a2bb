import { once } from 'node:events';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchSilence } from '../../src/http/silence-watch.ts';

describe('watchSilence', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('ends a transfer in which nothing moves', () => {
    const watch = watchSilence(new AbortController().signal, 1000);
    vi.advanceTimersByTime(999);
    expect(watch.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(watch.signal.reason).toMatchObject({ name: 'TimeoutError', message: 'nothing moved for 1 s' });
  });

  it('takes bytes that pass as a sign of life', async () => {
    const watch = watchSilence(new AbortController().signal, 1000);
    vi.advanceTimersByTime(900);
    watch.passage.write('x');
    await once(watch.passage, 'data');
    vi.advanceTimersByTime(900);
    expect(watch.signal.aborted).toBe(false);
    vi.advanceTimersByTime(100);
    expect(watch.signal.aborted).toBe(true);
  });

  it('takes word from elsewhere as a sign of life', () => {
    const watch = watchSilence(new AbortController().signal, 1000);
    vi.advanceTimersByTime(900);
    watch.alive();
    vi.advanceTimersByTime(900);
    expect(watch.signal.aborted).toBe(false);
    watch.stop();
  });

  it('ends with the outer signal and its reason', () => {
    const outer = new AbortController();
    const watch = watchSilence(outer.signal, 1000);
    const reason = new Error('cancelled');
    outer.abort(reason);
    expect(watch.signal.reason).toBe(reason);
    watch.stop();
  });

  it('says nothing any more once it is stopped', () => {
    const watch = watchSilence(new AbortController().signal, 1000);
    watch.stop();
    vi.advanceTimersByTime(10_000);
    expect(watch.signal.aborted).toBe(false);
  });

  it('passes bytes on as they are', async () => {
    const watch = watchSilence(new AbortController().signal, 1000);
    const passed = await Readable.from(['a', 'b', 'c']).pipe(watch.passage).toArray();
    expect(Buffer.concat(passed as Buffer[]).toString()).toBe('abc');
    watch.stop();
  });
});
