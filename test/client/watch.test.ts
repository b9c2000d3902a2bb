import { getEventListeners } from 'node:events';
import type { Client } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchRun } from '../../src/client/watch.ts';

const run = { workflowId: 'provider-job/tiro/a', runId: '1' };

/** A server whose long polls last five seconds, over a connection that listens to signals as the SDK's does: for good. */
function fakeClient() {
  const state = { closed: false, pollsOpen: 0, mostListeners: 0, fails: false };
  let sayClosed: (() => void) | null = null;
  let current: AbortSignal | null = null;
  const client = {
    options: { namespace: 'test' },
    connection: {
      withAbortSignal: (signal: AbortSignal, call: () => Promise<unknown>) => {
        current = signal;
        return call();
      },
    },
    workflowService: {
      getWorkflowExecutionHistory: async () => {
        const signal = current;
        if (state.fails) throw new Error('unavailable');
        if (signal === null) throw new Error('a poll without a signal');
        state.pollsOpen += 1;
        try {
          return await new Promise((resolve, reject) => {
            const timer = setTimeout(resolve, 5000, { history: { events: [] } });
            sayClosed = () => {
              resolve({ history: { events: [{}] } });
            };
            signal.addEventListener('abort', () => {
              clearTimeout(timer);
              reject(new Error('cancelled'));
            });
            state.mostListeners = Math.max(state.mostListeners, getEventListeners(signal, 'abort').length);
          });
        } finally {
          state.pollsOpen -= 1;
        }
      },
    },
  };
  const close = () => {
    state.closed = true;
    sayClosed?.();
  };
  return { client: client as unknown as Client, state, close };
}

describe('a watch', () => {
  const warnings: Error[] = [];
  const warn = (warning: Error) => warnings.push(warning);
  beforeEach(() => {
    vi.useFakeTimers();
    process.on('warning', warn);
  });
  afterEach(() => {
    vi.useRealTimers();
    process.off('warning', warn);
  });

  /** Watches in the background; `looks` are the seconds at which it looked. */
  function startWatch(server: ReturnType<typeof fakeClient>, more: () => object = () => ({}), signal?: AbortSignal) {
    const startedAt = Date.now();
    const looks: number[] = [];
    const seen: unknown[] = [];
    const observe = () => {
      looks.push(Math.round((Date.now() - startedAt) / 100) / 10);
      return Promise.resolve({ workflowStatus: server.state.closed ? 'COMPLETED' : 'RUNNING', ...more() });
    };
    const ended = (async () => {
      for await (const snapshot of watchRun(server.client, run, observe, { signal })) seen.push(snapshot);
    })();
    return { looks, seen, ended };
  }

  it('looks less often the longer nothing changes, at last each 15 s', async () => {
    const { looks, seen } = startWatch(fakeClient());
    await vi.advanceTimersByTimeAsync(62_000);
    expect(looks).toEqual([0, 1, 3, 7, 15, 30, 45, 60]);
    expect(seen).toHaveLength(1);
  });

  it('looks often again once something has changed', async () => {
    let phase = 'queued';
    const { looks, seen } = startWatch(fakeClient(), () => ({ phase }));
    await vi.advanceTimersByTimeAsync(29_000);
    phase = 'running';
    await vi.advanceTimersByTimeAsync(5000);
    expect(looks.slice(5)).toEqual([30, 31, 33]);
    expect(seen).toHaveLength(2);
  });

  it.each([
    ['of a job', (nextLookAt: string) => ({ nextLookAt })],
    [
      'of any job of a pipeline',
      (nextLookAt: string) => ({ jobs: [{ snapshot: null }, { snapshot: { nextLookAt } }] }),
    ],
  ])('looks soon after the next look at the provider is due %s', async (_, snapshotOf) => {
    const due = new Date(Date.now() + 19_500).toISOString();
    const { looks } = startWatch(fakeClient(), () => snapshotOf(due));
    await vi.advanceTimersByTimeAsync(50_000);
    expect(looks).toEqual([0, 1, 3, 7, 15, 20.5, 35.5]);
  });

  it('sees the end at once', async () => {
    const server = fakeClient();
    const { seen, looks, ended } = startWatch(server);
    await vi.advanceTimersByTimeAsync(31_000);
    server.close();
    await ended;
    expect(looks.at(-1)).toBe(31);
    expect(seen.at(-1)).toEqual({ workflowStatus: 'COMPLETED' });
  });

  it('holds no more listeners, timers and calls after an hour than after a minute', async () => {
    const server = fakeClient();
    const stop = new AbortController();
    let calls = 0;
    const { ended } = startWatch(server, () => ({ calls: (calls += 1) % 50 }), stop.signal);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(calls).toBeGreaterThan(1000);
    expect(server.state.mostListeners).toBeLessThanOrEqual(2);
    expect(server.state.pollsOpen).toBe(1);
    expect(getEventListeners(stop.signal, 'abort').length).toBeLessThanOrEqual(1);
    stop.abort();
    await ended;
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    expect({ polls: server.state.pollsOpen, timers: vi.getTimerCount() }).toEqual({ polls: 0, timers: 0 });
    expect(warnings).toEqual([]);
  });

  it('does not ask without a pause where long polls fail', async () => {
    const server = fakeClient();
    server.state.fails = true;
    const { looks } = startWatch(server);
    await vi.advanceTimersByTimeAsync(16_000);
    expect(looks).toEqual([0, 1, 3, 7, 15]);
  });
});
