import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createFetchJobStatus } from '../../src/activities/wait/fetch-job-status.ts';
import type { FetchJobStatusInput } from '../../src/activities/wait/wait.ts';
import { createProviderAgents, type ProviderAgents } from '../../src/http/agents.ts';
import { createProviderConnection } from '../../src/providers/connection/provider-connection.ts';
import { type JobSnapshot, phases } from '../../src/snapshot.ts';
import type { PollState } from '../../src/polling/poll-state.ts';
import { type ProviderName, providers } from '../../src/providers/registry.ts';
import { createDirectoryResultStore } from '../../src/results/directory-result-store.ts';
import { answer, type Answer, type ApiServer, startApiServer } from '../http/api-server.ts';
import { anyJob, anyJson, everyResource } from './any-json.ts';
import { LookPlanner } from '../../src/polling/look-planner.ts';

const key = 'id.canary-0123456789';
const nowMs = Date.parse('2026-11-06T12:00:00Z');
const forNobody = () => Promise.reject(new Error('not here'));

const count = fc.nat({ max: 1_000_000 });
const whenMs = fc.oneof(fc.integer({ min: -100, max: 100 }), fc.maxSafeInteger()).map((offset) => nowMs + offset);
const durationMs = fc.oneof(fc.nat(), fc.constantFrom(0, 0.5, 1e-9, 1e15, Number.MAX_VALUE, Infinity));
const processingTime = fc.option(fc.record({ earliestMs: durationMs, latestMs: durationMs }));
const snapshot: fc.Arbitrary<JobSnapshot> = fc.record({
  ...{ resource: fc.constant('tiro.voice-file-job'), id: fc.constant('a'), status: fc.string() },
  ...{ phase: fc.option(fc.constantFrom(...phases)), recognised: fc.boolean(), progress: fc.constant(null) },
  ...{ message: fc.option(fc.string()), timestamps: fc.constant({}), observedAt: fc.constant('2026-11-06T11:59:00Z') },
});
const state: fc.Arbitrary<PollState> = fc.record({
  ...{ calls: count, startedAtMs: whenMs, consecutiveErrors: count, lastError: fc.option(fc.string()) },
  ...{ refusals: count, refusedSinceMs: fc.option(whenMs), notFound: count },
  ...{ snapshot: fc.option(snapshot), statusSinceMs: fc.option(whenMs) },
});
const seconds = ['0', '1', '7200', '99999999999', '9'.repeat(400), '-1', 'soon', '0.0001', '1e9'];
const waits = [...seconds, 'Fri, 06 Nov 2026 12:00:07 GMT', 'Thu, 01 Jan 1970 00:00:00 GMT'];
const headers = fc.record(
  {
    ...{ 'retry-after': fc.constantFrom(...waits), 'x-ratelimit-reset': fc.constantFrom(...seconds) },
    date: fc.constantFrom('Fri, 06 Nov 2026 12:00:00 GMT', 'Fri, 31 Dec 9999 23:59:59 GMT', 'today'),
  },
  { requiredKeys: [] },
);
/** An answer that leaves the wait to its deadline: no end of the job, and no error that is final. */
const noNews: fc.Arbitrary<Answer> = fc.oneof(
  fc.constant<Answer>((response) => response.destroy()),
  fc.constantFrom('<html>', '', '{"id":', '[]').map((body) => answer(200, body)),
  fc
    .tuple(fc.constantFrom(408, 425, 429, 500, 502, 503, 504), headers)
    .map(([status, more]) => answer(status, {}, more)),
);
const anyAnswer: fc.Arbitrary<Answer> = fc.oneof(
  noNews,
  fc.tuple(fc.constant(200), anyJob, headers).map((parts) => answer(...parts)),
  fc.tuple(fc.integer({ min: 200, max: 599 }), anyJson.value, headers).map((parts) => answer(...parts)),
);

const anyWait = fc.record({
  resource: fc.constantFrom(...everyResource),
  attempt: fc.integer({ min: 1, max: 1_000_000 }),
  heartbeat: fc.option(state),
  observe: fc.constantFrom('phases', 'terminal', 'attention'),
  known: fc.record({ processingTime, startedAtMs: fc.option(whenMs), state: fc.option(state) }),
  timeScale: fc.constantFrom(1, 100, 1000, 100_000),
  die: fc.constantFrom(0, 0.5, 1 - Number.EPSILON),
});
type Wait = typeof anyWait extends fc.Arbitrary<infer T> ? T : never;

describe('the next look', () => {
  let server: ApiServer;
  let agents: ProviderAgents;
  beforeAll(async () => {
    server = await startApiServer();
    agents = createProviderAgents();
    // The clock stands still, so that what is booked can be held against the deadline to the millisecond.
    vi.useFakeTimers({ toFake: ['Date'], now: nowMs });
  });
  afterEach(() => {
    server.requests.length = 0;
  });
  afterAll(async () => {
    vi.useRealTimers();
    await agents.close();
    await server.close();
  });

  /** One attempt of the wait; gives the failure by which it ended, `null` where it returned. */
  async function lookOnce(wait: Wait, said: Answer, deadlineAtMs: number): Promise<ApplicationFailure | null> {
    server.answers.splice(0, 1, said);
    const fetchJobStatus = createFetchJobStatus({
      connect: (provider) =>
        Promise.resolve(
          createProviderConnection({
            ...{ provider: providers[provider], baseUrl: server.url, key, agents },
          }),
        ),
      ...{ inspectSource: forNobody, openSource: forNobody, results: createDirectoryResultStore('nowhere') },
      ...{ timeScale: wait.timeScale, random: () => wait.die },
      looks: new LookPlanner({ timeScale: wait.timeScale, random: () => wait.die }),
    });
    const { resource, observe, known, attempt, heartbeat } = wait;
    const target = { provider: resource.name as ProviderName, resource: resource.short, id: 'a' };
    const input: FetchJobStatusInput = { ...target, observe, deadlineAtMs, ...known };
    const info = { attempt, ...(heartbeat === null ? {} : { heartbeatDetails: heartbeat }) };
    const environment = new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') });
    try {
      await environment.run(fetchJobStatus, input);
      return null;
    } catch (error) {
      if (error instanceof ApplicationFailure) return error;
      throw error;
    }
  }

  it('is positive, finite and never past the deadline, whatever is known and answered', async () => {
    let booked = 0;
    const leftMs = fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 30 * 24 * 3_600_000 }));
    await fc.assert(
      fc.asyncProperty(anyWait, anyAnswer, leftMs, async (wait, said, left) => {
        const failure = await lookOnce(wait, said, nowMs + left);
        expect(failure?.type).not.toBe('DeadlineExceeded');
        if (failure === null || failure.nonRetryable === true) return;
        booked += 1;
        expect(failure.type).toBe('JobNotFinished');
        const delayMs = failure.nextRetryDelay as number;
        expect(Number.isFinite(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThan(0);
        expect(delayMs).toBeLessThanOrEqual(left);
      }),
      { numRuns: 1000 },
    );
    expect(booked).toBeGreaterThan(300);
  });

  it('is not booked any more at the deadline: the wait ends as DeadlineExceeded', async () => {
    const lateMs = fc.oneof(fc.constant(0), fc.nat());
    await fc.assert(
      fc.asyncProperty(anyWait, noNews, lateMs, async (wait, said, late) => {
        const failure = await lookOnce(wait, said, nowMs - late);
        expect(failure).toMatchObject({ type: 'DeadlineExceeded', nonRetryable: true });
        expect(failure?.nextRetryDelay).toBeUndefined();
      }),
      { numRuns: 500 },
    );
    expect(server.requests.length).toBeGreaterThanOrEqual(500);
  });
});
