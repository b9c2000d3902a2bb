import type { NativeConnection, Worker } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchReadiness } from '../../src/worker/readiness.ts';

type State = ReturnType<Worker['getState']>;

/** A connection whose server answers, refuses, or hangs until the caller's deadline. */
function fakeConnection(behaviour: { now: 'answers' | 'refuses' | 'hangs' }) {
  const namespaces: unknown[] = [];
  const fake = {
    withDeadline: async (deadlineMs: number, call: () => Promise<unknown>) => {
      if (behaviour.now !== 'hangs') return call();
      await new Promise((resolve) => setTimeout(resolve, deadlineMs - Date.now()));
      throw new Error('deadline exceeded');
    },
    workflowService: {
      describeNamespace: (request: unknown) => {
        namespaces.push(request);
        return behaviour.now === 'answers' ? Promise.resolve({}) : Promise.reject(new Error('unavailable'));
      },
    },
  };
  return { connection: fake as unknown as NativeConnection, namespaces };
}

const fakeWorker = (state: { now: State }) => ({ getState: () => state.now }) as unknown as Worker;

describe('readiness', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('needs an answer of Temporal and every worker running', async () => {
    const { connection, namespaces } = fakeConnection({ now: 'answers' });
    const state: { now: State } = { now: 'INITIALIZED' };
    const workers = new Map([
      ['provider-jobs', fakeWorker({ now: 'RUNNING' })],
      ['provider-jobs-tiro', fakeWorker(state)],
    ]);
    const watch = watchReadiness(connection, 'media', workers);
    expect(watch.read()).toEqual({
      ready: false,
      reasons: ['Temporal does not answer', 'the worker of provider-jobs-tiro is INITIALIZED'],
    });
    await vi.advanceTimersByTimeAsync(10);
    expect(watch.read().reasons).toEqual(['the worker of provider-jobs-tiro is INITIALIZED']);
    state.now = 'RUNNING';
    expect(watch.read()).toEqual({ ready: true, reasons: [] });
    expect(namespaces[0]).toEqual({ namespace: 'media' });
    state.now = 'DRAINING';
    expect(watch.read().ready).toBe(false);
    watch.stop();
  });

  it.each(['refuses', 'hangs'] as const)('is lost within 10 s of a server that %s, and comes back', async (fault) => {
    const behaviour: { now: 'answers' | 'refuses' | 'hangs' } = { now: 'answers' };
    const watch = watchReadiness(fakeConnection(behaviour).connection, 'media', new Map());
    await vi.advanceTimersByTimeAsync(10);
    expect(watch.read().ready).toBe(true);
    behaviour.now = fault;
    await vi.advanceTimersByTimeAsync(9900);
    expect(watch.read()).toEqual({ ready: false, reasons: ['Temporal does not answer'] });
    behaviour.now = 'answers';
    await vi.advanceTimersByTimeAsync(7000);
    expect(watch.read().ready).toBe(true);
    watch.stop();
  });

  it('asks no more once it is stopped', async () => {
    const { connection, namespaces } = fakeConnection({ now: 'answers' });
    const watch = watchReadiness(connection, 'media', new Map());
    watch.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(namespaces).toHaveLength(1);
  });
});
