import {
  ApplicationFailure,
  ApplicationFailureCategory,
  DefaultFailureConverter,
  DefaultPayloadConverter,
} from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger, type LogEntry } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { type BeginJob, createFetchJobStatus } from '../../../src/activities/wait/fetch-job-status.ts';
import type { FetchJobStatusInput, FetchJobStatusResult } from '../../../src/activities/wait/wait.ts';
import type { ErrorRow, HeartbeatDetails, WaitDetails } from '../../../src/contract/messages.ts';
import { createProviderAgents, type ProviderAgents } from '../../../src/http/agents.ts';
import { createProviderConnection } from '../../../src/providers/connection/provider-connection.ts';
import { unlimited } from '../../../src/providers/connection/turns.ts';
import { initialPollState, type PollState } from '../../../src/polling/poll-state.ts';
import { providers } from '../../../src/providers/registry.ts';
import { createDirectoryResultStore } from '../../../src/results/directory-result-store.ts';
import { answer, type Answer, type ApiServer, startApiServer } from '../../http/api-server.ts';
import { rowOf } from '../../setup/attempts.ts';
import { eventually } from '../../setup/eventually.ts';
import { LookPlanner } from '../../../src/polling/look-planner.ts';

const key = 'id.canary-0123456789';
const hourMs = 3_600_000;
const running = { id: 'job-1', status: 'PROCESSING', processStartedAt: null, processCompletedAt: null };
const job = (status: string, more: object = {}) => answer(200, { ...running, status, ...more });

interface Attempt {
  result: FetchJobStatusResult | null;
  failure: ApplicationFailure | null;
  /** What the attempt after this one would find, and what of it the wait knows. */
  left: HeartbeatDetails<PollState> | null;
  heartbeat: PollState | null;
  warnings: string[];
}

describe('fetchJobStatus', () => {
  let server: ApiServer;
  let agents: ProviderAgents;
  let comeAgainInMs = 0;
  beforeAll(async () => {
    server = await startApiServer();
    agents = createProviderAgents();
  });
  beforeEach(() => {
    comeAgainInMs = 0;
    server.requests.length = 0;
    server.answers.length = 0;
  });
  afterAll(async () => {
    await agents.close();
    await server.close();
  });

  async function attempt(
    change: Partial<FetchJobStatusInput> = {},
    info: { attempt?: number; heartbeatDetails?: unknown } = {},
    timeScale = 1,
    begin?: BeginJob,
  ): Promise<Attempt> {
    const fetchJobStatus = createFetchJobStatus(
      {
        connect: (name) =>
          Promise.resolve(
            createProviderConnection({
              ...{ provider: providers[name], baseUrl: server.url, key, agents },
              turns: { ...unlimited, comeAgain: () => comeAgainInMs },
            }),
          ),
        inspectSource: () => Promise.reject(new Error('not here')),
        openSource: () => Promise.reject(new Error('not here')),
        results: createDirectoryResultStore('nowhere'),
        timeScale,
        random: () => 0.5,
        looks: new LookPlanner({ timeScale, random: () => 0.5 }),
      },
      begin,
    );
    const input: FetchJobStatusInput = {
      ...{ provider: 'tiro', resource: 'voice-file-job', id: 'job-1', observe: 'phases' },
      ...{ deadlineAtMs: Date.now() + hourMs, processingTime: null, startedAtMs: null, state: null },
      ...change,
    };
    const warnings: string[] = [];
    const logger = new DefaultLogger('WARN', ({ level, message }: LogEntry) => {
      if (level === 'WARN') warnings.push(message);
    });
    const hour = { scheduledTimestampMs: Date.now(), scheduleToCloseTimeoutMs: hourMs };
    const environment = new MockActivityEnvironment({ attempt: 1, ...hour, ...info }, { logger });
    const made: Attempt = { result: null, failure: null, left: null, heartbeat: null, warnings };
    environment.on('heartbeat', (details: HeartbeatDetails<PollState>) => {
      made.left = details;
      made.heartbeat = details.memory;
    });
    try {
      made.result = await environment.run(fetchJobStatus, input);
    } catch (error) {
      expect(error).toBeInstanceOf(ApplicationFailure);
      made.failure = error as ApplicationFailure;
    }
    return made;
  }

  it('comes again, without a request and without counting one, where many others wait for a turn of the same key', async () => {
    const before = { ...initialPollState(Date.now()), calls: 4, attempt: 4 };
    comeAgainInMs = 12_000;
    const { failure, heartbeat } = await attempt(
      {},
      { attempt: 5, heartbeatDetails: { memory: before, errors: null } },
    );
    expect(failure).toMatchObject({ type: 'JobNotFinished', nonRetryable: false });
    expect(Number(failure?.nextRetryDelay)).toBe(12_000);
    expect(server.requests).toHaveLength(0);
    expect(heartbeat).toMatchObject({ calls: 4, attempt: 5 });
    // At the deadline there is no other time.
    server.answers.push(job('PROCESSING'));
    const last = await attempt(
      { observe: 'terminal', deadlineAtMs: Date.now() - 1 },
      { attempt: 6, heartbeatDetails: { memory: heartbeat, errors: null } },
    );
    expect(last.failure).toMatchObject({ type: 'DeadlineExceeded' });
    expect(detailsOf(last).statusCalls).toBe(5);
  });

  const detailsOf = ({ failure }: Attempt) => failure?.details?.[0] as WaitDetails;

  it('only books a look in the first attempt at a job that a lifecycle of 0.2 began', async () => {
    const processingTime = { earliestMs: 60_000, latestMs: 180_000 };
    const { failure, heartbeat } = await attempt({ startedAtMs: Date.now(), processingTime });
    expect(server.requests).toHaveLength(0);
    expect(failure).toMatchObject({ type: 'JobNotFinished', nonRetryable: false });
    expect(Number(failure?.nextRetryDelay)).toBeGreaterThan(50_000);
    expect(Number(failure?.nextRetryDelay)).toBeLessThanOrEqual(120_000);
    expect(heartbeat).toMatchObject({ calls: 0 });
  });

  it('looks at once where the steps before have used up the deadline', async () => {
    server.answers.push(job('COMPLETED'));
    const { result } = await attempt({ startedAtMs: Date.now() - 1000, deadlineAtMs: Date.now() - 1 });
    expect(server.requests).toHaveLength(1);
    expect(result?.snapshot.phase).toBe('succeeded');
  });

  it('only books a look in the first attempt after news', async () => {
    const state = { ...initialPollState(Date.now() - 80_000), calls: 3 };
    const { failure, heartbeat } = await attempt({ state });
    expect(server.requests).toHaveLength(0);
    expect(failure?.type).toBe('JobNotFinished');
    expect(heartbeat).toEqual({ ...state, attempt: 1 });
  });

  it('asks at once for a job that somebody else began', async () => {
    server.answers.push(job('COMPLETED'));
    const { result } = await attempt();
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v1/external/voice-file/jobs/job-1',
    ]);
    expect(result).toMatchObject({ snapshot: { status: 'COMPLETED', phase: 'succeeded' }, state: { calls: 1 } });
  });

  it('asks once in a later attempt and goes on with what the heartbeat holds', async () => {
    server.answers.push(job('PROCESSING'));
    const before = await attempt({ observe: 'terminal' });
    const { failure, heartbeat } = await attempt(
      { observe: 'terminal' },
      { attempt: 2, heartbeatDetails: before.left },
    );
    expect(server.requests).toHaveLength(2);
    expect(failure?.category).toBe(ApplicationFailureCategory.BENIGN);
    expect(failure?.nextRetryDelay).toBeGreaterThan(0);
    expect(failure?.message).toMatch(
      /^Tiro voice-file job job-1 is PROCESSING \(running\) for .+; 2 status calls so far\. Next check at /,
    );
    expect(before.heartbeat).toMatchObject({ calls: 1, snapshot: { phase: 'running' } });
    // What the attempt's number tells is not worth a heartbeat.
    expect(heartbeat).toBeNull();
    expect(detailsOf({ failure } as Attempt)).toMatchObject({ statusCalls: 2, snapshot: { phase: 'running' } });
  });

  it('returns at a change of phase, and only at the end where that is asked for', async () => {
    server.answers.push(job('UPLOADED'));
    expect((await attempt()).result?.snapshot.phase).toBe('queued');
    expect((await attempt({ observe: 'terminal' })).failure?.type).toBe('JobNotFinished');
    server.answers[0] = job('FAILED');
    expect((await attempt({ observe: 'terminal' })).result?.snapshot).toMatchObject({
      ...{ phase: 'failed', message: 'Tiro gives no reason' },
    });
  });

  it('begins nothing past the deadline, and says so', async () => {
    const fetchJobStatus = { first: 'begin', startedAtMs: Date.now(), deadlineAtMs: Date.now() - 1 } as const;
    const { failure } = await attempt(fetchJobStatus, {}, 1, () => expect.fail('it was begun'));
    expect(failure).toMatchObject({ type: 'DeadlineExceeded', nonRetryable: true });
  });

  it('begins a job in place of the first look, and looks soon at one that began long ago', async () => {
    const begun: string[] = [];
    const begin = (_connection: unknown, { id }: { id: string }) => {
      begun.push(id);
      return Promise.resolve();
    };
    const processingTime = { earliestMs: 60_000, latestMs: 180_000 };
    const first = { first: 'begin', observe: 'terminal', processingTime } as const;
    const now = await attempt({ ...first, startedAtMs: Date.now() }, {}, 1, begin);
    const resumed = await attempt({ ...first, startedAtMs: Date.now() - hourMs }, {}, 1, begin);
    expect(begun).toEqual(['job-1', 'job-1']);
    expect(server.requests).toHaveLength(0);
    expect(now.heartbeat).toMatchObject({ hasBegun: true, calls: 0 });
    expect(Number(now.failure?.nextRetryDelay)).toBeGreaterThan(50_000);
    expect(Number(resumed.failure?.nextRetryDelay)).toBeLessThan(31_000);
    server.answers.push(job('PROCESSING'));
    const second = await attempt(
      { ...first, startedAtMs: Date.now() },
      { attempt: 2, heartbeatDetails: now.left },
      1,
      begin,
    );
    expect(begun).toHaveLength(2);
    expect(detailsOf(second).statusCalls).toBe(1);
  });

  it('tells the workflow of a phase at the next look, where it could not', async () => {
    server.answers.push(job('PROCESSING'));
    const first = await attempt({ observe: 'told' });
    expect(first.failure?.type).toBe('JobNotFinished');
    expect(first.warnings).toEqual([expect.stringContaining('could not be told')]);
    expect(first.heartbeat).toMatchObject({ snapshot: { phase: 'running' } });
    expect(first.heartbeat?.toldPhase).toBeUndefined();
    const second = await attempt({ observe: 'told' }, { attempt: 2, heartbeatDetails: first.left });
    expect(second.warnings).toHaveLength(1);
    const told = { ...first.left, memory: { ...first.heartbeat, toldPhase: 'running' } };
    expect((await attempt({ observe: 'told' }, { attempt: 2, heartbeatDetails: told })).warnings).toEqual([]);
  });

  it('takes the job’s age from the provider’s own times and clock', async () => {
    const clock = Date.parse('2025-07-20T10:03:00Z');
    server.answers.push(
      answer(200, { ...running, processStartedAt: '2025-07-20T10:01:00Z' }, { date: new Date(clock).toUTCString() }),
    );
    const { heartbeat, failure } = await attempt({ observe: 'terminal' });
    expect(Math.abs(Date.now() - 120_000 - (heartbeat?.startedAtMs ?? 0))).toBeLessThan(5000);
    expect(Number(failure?.nextRetryDelay)).toBeGreaterThan(12_000);
  });

  it('warns once of a status that nobody knows and goes on', async () => {
    server.answers.push(job('DREAMING'));
    const first = await attempt();
    expect(first.warnings).toHaveLength(1);
    expect(first.failure?.type).toBe('JobNotFinished');
    expect(detailsOf(first).snapshot).toMatchObject({ status: 'DREAMING', phase: null, recognised: false });
    const second = await attempt({}, { attempt: 2, heartbeatDetails: first.left });
    expect(second.warnings).toHaveLength(0);
    expect(second.failure?.type).toBe('JobNotFinished');
  });

  describe('after an error', () => {
    const later = (state: Partial<PollState> = {}, errors: ErrorRow | null = null) => ({
      attempt: 5,
      heartbeatDetails: { errors, memory: { ...initialPollState(Date.now() - 60_000), ...state } },
    });
    const rowFor = (kind: string, count: number, agoMs: number) =>
      rowOf(kind, { count, failures: count, sinceMs: Date.now() - agoMs, attempt: 4 });
    const seen = async () => {
      server.answers.splice(0, Infinity, job('PROCESSING'));
      const { heartbeat } = await attempt({ observe: 'terminal' });
      server.requests.length = 0;
      server.answers.length = 0;
      return heartbeat ?? {};
    };
    const retryAfter = (seconds: string, status = 429) => answer(status, {}, { 'retry-after': seconds });

    test.each<[string, Answer]>([
      ['408', answer(408, {})],
      ['425', answer(425, {})],
      ['429', answer(429, {})],
      ['500', answer(500, {})],
      ['503', answer(503, 'busy')],
      ['a cut connection', (response) => response.destroy()],
      ['a body that is not JSON', answer(200, '<html>')],
      ['a body of another shape', answer(200, { id: 7 })],
    ])('waits on after %s, counts it and shows why', async (_what, script) => {
      server.answers.push(script);
      const made = await attempt({}, later({ calls: 7 }, rowFor('source-unreadable', 2, 1000)));
      expect(made.failure).toMatchObject({ type: 'JobNotFinished', nonRetryable: false });
      expect(made.heartbeat).toMatchObject({ calls: 8 });
      expect(made.left?.errors).toMatchObject({ count: 1, failures: 3, attempt: 5 });
      expect(made.left?.errors?.words).toContain('Could not read the Tiro voice-file job');
      expect(made.failure?.message).toContain('3 in a row failed, last: Could not read');
      expect(Number(made.failure?.nextRetryDelay)).toBeGreaterThanOrEqual(500);
      expect(Number(made.failure?.nextRetryDelay)).toBeLessThanOrEqual(4000);
    });

    it('outlives days of errors', async () => {
      server.answers.push(answer(503, {}));
      const made = await attempt({}, later({}, rowFor('unavailable', 299, 100 * hourMs)));
      expect(made.failure).toMatchObject({ type: 'JobNotFinished', nonRetryable: false });
      expect(Number(made.failure?.nextRetryDelay)).toBeLessThanOrEqual(60_000);
    });

    it('comes back when the provider asks for it, whatever the status', async () => {
      for (const status of [429, 503]) {
        server.answers[0] = retryAfter('120', status);
        const { failure } = await attempt({}, later());
        expect(Number(failure?.nextRetryDelay)).toBeGreaterThanOrEqual(120_000);
        expect(Number(failure?.nextRetryDelay)).toBeLessThan(123_000);
      }
    });

    test.each(['7200', '99999999999'])('cuts a Retry-After of %s s to the deadline', async (seconds) => {
      server.answers.push(retryAfter(seconds));
      const { failure } = await attempt({ deadlineAtMs: Date.now() + 60_000 }, later());
      expect(failure?.type).toBe('JobNotFinished');
      expect(Number(failure?.nextRetryDelay)).toBeLessThanOrEqual(60_000);
      expect(Number(failure?.nextRetryDelay)).toBeGreaterThan(55_000);
    });

    const unknownJob = answer(404, { error: { code: 404000, message: 'no such job' } });

    it('reads a 404 twice again before it ends as JobNotFound, where nobody has seen the job', async () => {
      server.answers.push(unknownJob);
      let info: Parameters<typeof attempt>[1] = { attempt: 1 };
      for (const calls of [1, 2]) {
        const made = await attempt({}, info);
        expect(made.failure).toMatchObject({ type: 'JobNotFinished' });
        expect(made.heartbeat).toMatchObject({ calls });
        info = { attempt: calls + 1, heartbeatDetails: made.left };
        const { sinceMs = 0 } = made.left?.errors ?? {};
        await eventually('a moment has passed', () => Date.now() > sinceMs, 1000, 1);
      }
      const last = await attempt({}, info);
      expect(last.failure).toMatchObject({ type: 'JobNotFound', nonRetryable: true });
      expect(last.failure?.message).toContain('no such job');
      expect(detailsOf(last)).toMatchObject({ statusCalls: 3, snapshot: null });
    });

    it('takes the 404 of something in between for no word of the provider, where nobody has seen the job', async () => {
      server.answers.push(answer(404, '<html>no backend</html>'));
      const young = await attempt({}, later({}, rowFor('not-found', 9, 100_000)));
      expect(young.failure).toMatchObject({ type: 'JobNotFinished', nonRetryable: false });
      const old = await attempt({}, later({}, rowFor('not-found', 9, 121_000)));
      expect(old.failure).toMatchObject({ type: 'JobNotFound', nonRetryable: true });
    });

    test.each<[string, Partial<FetchJobStatusInput>]>([
      ['a job that we began', { startedAtMs: Date.now() - hourMs }],
      ['a job that was seen', {}],
    ])('reads 404s of %s for two minutes before it ends', async (_what, change) => {
      const state = 'startedAtMs' in change ? {} : await seen();
      server.answers.push(unknownJob);
      const after = async (count: number, agoMs: number, timeScale = 1) =>
        (await attempt(change, later(state, rowFor('not-found', count, agoMs)), timeScale)).failure?.type;
      expect(await after(50, 100_000)).toBe('JobNotFinished');
      expect(await after(1, 500_000)).toBe('JobNotFinished');
      expect(await after(2, 121_000)).toBe('JobNotFound');
      expect(await after(2, 1210, 100)).toBe('JobNotFound');
    });

    test.each([
      ['refused for the first time', null, 1, false],
      ['refused for a minute', [4, 60_000], 1, false],
      ['refused twice in two minutes', [1, 121_000], 1, false],
      ['refused for two minutes', [4, 121_000], 1, true],
      ['refused for two scaled minutes', [4, 2000], 100, true],
    ] as const)('where the key is %s (%j, time scale %i) ends a wait for what nobody has seen: %s', async (...of) => {
      const [, before, timeScale, final] = of;
      const row = before === null ? null : rowFor('credential-refused', before[0], before[1]);
      server.answers.push(answer(401, { error: { code: 'invalid_api_key', message: `no ${key}` } }));
      const { failure } = await attempt({}, later({}, row), timeScale);
      expect(failure).toMatchObject({ type: final ? 'CredentialRejected' : 'JobNotFinished', nonRetryable: final });
      expect(failure?.message).not.toContain('canary');
      if (!final) expect(Number(failure?.nextRetryDelay)).toBeGreaterThan(20_000 / timeScale);
    });

    test.each<[string, Answer, string]>([
      ['the key', answer(401, { error: { code: 'invalid_api_key', message: 'no such key' } }), 'no such key'],
      ['a feature', answer(403, { error: { code: 403000, message: 'not for you' } }), 'not for you'],
    ])(
      'waits until the deadline for a job that exists while %s is refused, and says why',
      async (_what, script, why) => {
        const state = await seen();
        server.answers.push(script);
        const waits = await attempt({}, later(state, rowFor('credential-refused', 500, 20 * hourMs)));
        expect(waits.failure).toMatchObject({ type: 'JobNotFinished', nonRetryable: false });
        expect(waits.failure?.message).toContain(why);
        expect(detailsOf(waits).snapshot).toMatchObject({ status: 'PROCESSING' });
        const ends = await attempt({ deadlineAtMs: Date.now() - 1 }, later(state));
        expect(ends.failure).toMatchObject({ type: 'CredentialRejected', nonRetryable: true });
        expect(ends.failure?.message).toContain(why);
        expect(detailsOf(ends)).toMatchObject({ nextLookAt: null, snapshot: { status: 'PROCESSING' } });
      },
    );

    it('asks a conflict again for two minutes', async () => {
      server.answers.push(answer(409, {}));
      const young = await attempt({}, later({}, rowFor('conflict', 9, 100_000)));
      expect(young.failure).toMatchObject({ type: 'JobNotFinished', nonRetryable: false });
      const old = await attempt({}, later({}, rowFor('conflict', 9, 121_000)));
      expect(old.failure).toMatchObject({ type: 'RequestRejected', nonRetryable: true });
    });

    it('forgets errors with a good answer', async () => {
      server.answers.push(job('PROCESSING'));
      const made = await attempt({ observe: 'terminal' }, later({}, rowFor('credential-refused', 4, 60_000)));
      expect(made.left?.errors).toBeNull();
      expect(made.failure?.message).not.toContain('failed');
    });

    it('goes on with what a worker of 0.1 has left', async () => {
      server.answers.push(answer(503, {}));
      const older = { consecutiveErrors: 3, lastError: 'no', refusals: 0, refusedSinceMs: null, notFound: 0 };
      const heartbeatDetails = { ...initialPollState(Date.now() - 60_000), calls: 7, ...older };
      const made = await attempt({}, { attempt: 8, heartbeatDetails });
      expect(made.failure).toMatchObject({ type: 'JobNotFinished', nonRetryable: false });
      expect(made.heartbeat).toMatchObject({ calls: 8 });
      expect(made.left?.errors).toMatchObject({ kind: 'unavailable', count: 1 });
    });

    test.each<[string, Answer, string]>([
      ['a feature that is not enabled', answer(403, { error: { code: 403000, message: 'off' } }), 'CredentialRejected'],
      ['a permission that is missing', answer(403, { error: { code: 403013, message: 'off' } }), 'CredentialRejected'],
      ['a redirect', answer(301, '', { location: 'https://elsewhere.example/' }), 'RequestRejected'],
      ['a request that is refused', answer(400, { error: { code: 400000, message: 'bad id' } }), 'RequestRejected'],
      ['a job that is gone', answer(410, {}), 'RequestRejected'],
    ])('ends at once at %s', async (_what, script, type) => {
      server.answers.push(script);
      const { failure } = await attempt({}, later());
      expect(failure).toMatchObject({ type, nonRetryable: true });
      expect(server.requests).toHaveLength(1);
    });
  });

  describe('at the deadline', () => {
    it('books its last look for then', async () => {
      server.answers.push(job('PROCESSING'));
      const { failure } = await attempt({ observe: 'terminal', deadlineAtMs: Date.now() + 1000 });
      expect(Number(failure?.nextRetryDelay)).toBeGreaterThan(0);
      expect(Number(failure?.nextRetryDelay)).toBeLessThanOrEqual(1000);
    });

    it('looks once more and keeps the snapshot', async () => {
      server.answers.push(job('PROCESSING'));
      const made = await attempt(
        { observe: 'terminal', deadlineAtMs: Date.now() - 1 },
        { attempt: 4, heartbeatDetails: { errors: null, memory: { ...initialPollState(0), calls: 3 } } },
      );
      expect(made.failure).toMatchObject({ type: 'DeadlineExceeded', nonRetryable: true });
      expect(detailsOf(made)).toMatchObject({
        ...{ statusCalls: 4, nextLookAt: null, snapshot: { status: 'PROCESSING', phase: 'running' } },
      });
    });

    it('gives a success that the last look sees', async () => {
      server.answers.push(job('COMPLETED'));
      const { result } = await attempt({ deadlineAtMs: Date.now() - 1 }, { attempt: 4 });
      expect(result?.snapshot.phase).toBe('succeeded');
    });

    it('keeps the snapshot of an earlier look where the last one fails', async () => {
      server.answers.push(job('PROCESSING'));
      const before = await attempt({ observe: 'terminal' });
      server.answers[0] = answer(503, {});
      const made = await attempt(
        { observe: 'terminal', deadlineAtMs: Date.now() - 1 },
        { attempt: 2, heartbeatDetails: before.left },
      );
      expect(made.failure?.type).toBe('DeadlineExceeded');
      expect(detailsOf(made)).toMatchObject({ statusCalls: 2, snapshot: { status: 'PROCESSING' } });
    });
  });

  test.each([
    ['resource', { resource: 'nothing' }],
    ['resource', { resource: 'constructor' }],
    ['id', { id: '..' }],
  ])('refuses a %s that cannot be, without asking', async (field, change) => {
    const { failure } = await attempt(change);
    expect(failure).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    expect(failure?.message).toContain(`${field}: `);
    expect(server.requests).toHaveLength(0);
  });

  describe('what it leaves in the pending activity', () => {
    const emoji = '😀'.repeat(300);
    const sizeBytes = (failure: ApplicationFailure | null) => {
      const proto = new DefaultFailureConverter().errorToFailure(failure, new DefaultPayloadConverter());
      return temporal.api.failure.v1.Failure.encode(proto).finish().length;
    };

    test.each([
      ['emoji', '😀'.repeat(64), emoji],
      ['quotes', '"'.repeat(256), '"\\'.repeat(300)],
      ['control characters', 'x'.repeat(256), '\u0001x'.repeat(300)],
      ['lone surrogates', 'é'.repeat(128), '\ud83d'.repeat(300)],
    ])('stays under 2 KiB with the longest snapshot of %s', async (_what, id, words) => {
      const times = Object.fromEntries(
        ['submitted_at', 'started_at', 'completed_at', 'updated_at', 'deleted_at'].map((name) => [name, words]),
      );
      const slngBody = { job_id: 'a', status: words, error_message: words, ...times };
      server.answers.push(answer(200, slngBody), answer(503, { error: words }));
      const slng = { provider: 'slng', resource: 'batch-job', id: 'a'.repeat(256), observe: 'terminal' } as const;
      const looked = await attempt(slng);
      expect(looked.failure?.type).toBe('JobNotFinished');
      expect(sizeBytes(looked.failure)).toBeLessThan(2048);
      const failed = await attempt(slng, { attempt: 2, heartbeatDetails: looked.left });
      expect(sizeBytes(failed.failure)).toBeLessThan(2048);

      server.answers.length = 0;
      const tiroTimes = { fileUploadedAt: words, processStartedAt: words, processCompletedAt: words };
      server.answers.push(job(words, { errorMessage: words, ...tiroTimes }), answer(500, words));
      const tiro = await attempt({ id, observe: 'terminal' });
      expect(sizeBytes(tiro.failure)).toBeLessThan(2048);
      const tiroFailed = await attempt({ id, observe: 'terminal' }, { attempt: 2, heartbeatDetails: tiro.left });
      expect(sizeBytes(tiroFailed.failure)).toBeLessThan(2048);
      expect(JSON.stringify(tiroFailed.left).length).toBeLessThan(4096);
    });
  });
});
