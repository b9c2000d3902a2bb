import type { WorkflowHandle } from '@temporalio/client';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { JobFailureDetails, JobOutcome } from '../../src/contract/job.ts';
import type { Fault } from '../../src/simulator/index.ts';
import { eventually } from '../setup/eventually.ts';
import { beginTiroJob } from '../setup/tiro-job.ts';
import { startWorld, type World } from '../setup/world.ts';

describe('trackJob', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(() => world.close());

  const track = (id: string, more: object = {}) =>
    world.start('trackJob', `provider-job/tiro/voice-file-job/${encodeURIComponent(id)}`, {
      provider: 'tiro',
      resource: 'voice-file-job',
      id,
      ...more,
    });
  const polls = (id: string) => world.simulator.calls({ operation: 'tiro.status' }).filter(({ jobId }) => jobId === id);
  const plan = (how: object, durationMs: number) => {
    world.simulator.setPlan('tiro', { durationMs, ...how });
  };
  const processing = { script: [{ status: 'PROCESSING' }] };
  async function failure(handle: WorkflowHandle): Promise<ApplicationFailure> {
    const error = await handle.result().then(
      () => null,
      (reason: unknown) => reason,
    );
    if (!(error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure)) throw error as Error;
    return error.cause;
  }
  const eventCount = async (handle: WorkflowHandle) => (await handle.fetchHistory()).events?.length;

  it('asks at once about a job that somebody else began', async () => {
    plan({}, 600_000);
    const id = await beginTiroJob(world.simulator);
    const startedAt = Date.now();
    const handle = await track(id);
    const [first] = await eventually('it was asked', () => (polls(id).length > 0 ? polls(id) : null));
    expect((first?.at ?? 0) - startedAt).toBeLessThan(5000);
    await handle.terminate();
  });

  it.each([3, 30])('costs 12 history events when only the end is observed after %i polls', async (count) => {
    plan({ script: [{ status: 'PROCESSING', polls: count - 1 }] }, 0);
    const id = await beginTiroJob(world.simulator);
    const handle = await track(id, { observe: 'terminal' });
    const outcome = (await handle.result()) as JobOutcome;
    expect(outcome.phase).toBe('succeeded');
    expect(outcome.statusCalls).toBe(polls(id).length);
    expect(outcome.statusCalls).toBeGreaterThanOrEqual(count);
    expect(await eventCount(handle)).toBe(12);
  });

  it('gives the outcome of a failed job with the words of the provider', async () => {
    plan({ outcome: 'failed', message: 'the audio is empty' }, 100);
    const id = await beginTiroJob(world.simulator);
    const outcome = (await (await track(id)).result()) as JobOutcome;
    expect(outcome).toMatchObject({ jobId: id, phase: 'failed', status: 'FAILED', message: 'the audio is empty' });
  });

  it('takes a status that nobody knows as no news', async () => {
    plan(
      {
        script: [
          { status: 'PROCESSING', polls: 1 },
          { status: 'DREAMING', polls: 2 },
          { status: 'PROCESSING', polls: 1 },
        ],
      },
      0,
    );
    const id = await beginTiroJob(world.simulator);
    const outcome = (await (await track(id)).result()) as JobOutcome;
    expect(outcome).toMatchObject({ phase: 'succeeded', recognised: true });
    expect(outcome.statusCalls).toBeGreaterThanOrEqual(5);
  });

  it('ignores a phase that goes backwards', async () => {
    plan({ script: ['PROCESSING', 'UPLOADED', 'CREATED'].map((status) => ({ status, polls: 1 })) }, 0);
    const id = await beginTiroJob(world.simulator);
    const handle = await track(id);
    expect(((await handle.result()) as JobOutcome).phase).toBe('succeeded');
    // Two changes of phase: running and succeeded; each is a wait (6 events) and an upsert.
    expect(await eventCount(handle)).toBe(5 + 2 * 7);
  });

  it('reads twice again before it believes that a job does not exist', async () => {
    const error = await failure(await track('no-such-job'));
    expect(error.type).toBe('JobNotFound');
    expect(polls('no-such-job')).toHaveLength(3);
  });

  it('outlives a 404 that passes', async () => {
    plan({}, 100);
    const id = await beginTiroJob(world.simulator);
    world.simulator.addFault({ kind: 'status', operation: 'tiro.status', status: 404, times: 2 });
    expect(((await (await track(id)).result()) as JobOutcome).phase).toBe('succeeded');
  });

  it.each<[string, Fault]>([
    ['408', { kind: 'status', operation: 'tiro.status', status: 408, times: 3 }],
    ['500', { kind: 'status', operation: 'tiro.status', status: 500, times: 3 }],
    ['503', { kind: 'status', operation: 'tiro.status', status: 503, times: 3 }],
    ['a cut connection', { kind: 'cut', operation: 'tiro.status', times: 3 }],
    ['a body that is not JSON', { kind: 'body', operation: 'tiro.status', body: '<html>', times: 3 }],
    ['a truncated body', { kind: 'body', operation: 'tiro.status', body: '{"id":"x","stat', times: 3 }],
    ['a body of another shape', { kind: 'body', operation: 'tiro.status', body: '{"id":7}', times: 3 }],
    ['a key refused once', { kind: 'status', operation: 'tiro.status', status: 401, times: 1 }],
  ])('goes on after %s', async (_what, fault) => {
    plan({}, 100);
    const id = await beginTiroJob(world.simulator);
    world.simulator.addFault(fault);
    const outcome = (await (await track(id)).result()) as JobOutcome;
    expect(outcome.phase).toBe('succeeded');
    expect(outcome.statusCalls).toBeGreaterThan(fault.times ?? 1);
  });

  it.each(['seconds', 'date'] as const)('comes back when the provider asks for it in %s', async (form) => {
    plan({}, 0);
    const id = await beginTiroJob(world.simulator);
    const retryAfter = { form, seconds: 3 };
    world.simulator.addFault({ kind: 'status', operation: 'tiro.status', status: 429, retryAfter });
    await (await track(id)).result();
    const [refused, next] = polls(id);
    const waitedMs = (next?.at ?? 0) - (refused?.at ?? 0);
    // A date has whole seconds, so up to one of them is lost in writing it.
    expect(waitedMs).toBeGreaterThanOrEqual(form === 'date' ? 2000 : 3000);
    expect(waitedMs).toBeLessThan(15_000);
  });

  it('ends as CredentialRejected after refusals over about two minutes of our time', async () => {
    plan(processing, 600_000_000);
    const id = await beginTiroJob(world.simulator);
    world.simulator.addFault({ kind: 'status', operation: 'tiro.status', status: 401, times: null });
    const error = await failure(await track(id));
    expect(error.type).toBe('CredentialRejected');
    expect(polls(id).length).toBeGreaterThanOrEqual(3);
    expect(polls(id).length).toBeLessThanOrEqual(10);
  });

  it('ends at once as CredentialRejected where the feature is not enabled', async () => {
    plan(processing, 600_000_000);
    const id = await beginTiroJob(world.simulator);
    const body = { error: { code: 403000, errorType: 'forbidden', message: 'not enabled', detail: null } };
    world.simulator.addFault({ kind: 'status', operation: 'tiro.status', status: 403, body, times: null });
    const error = await failure(await track(id));
    expect(error.type).toBe('CredentialRejected');
    expect(error.message).toContain('not enabled');
    expect(polls(id)).toHaveLength(1);
  });

  it('ends at once as RequestRejected on a redirect to another host and does not follow it', async () => {
    plan(processing, 600_000_000);
    const id = await beginTiroJob(world.simulator);
    world.simulator.addFault({ kind: 'redirect', operation: 'tiro.status', location: 'https://elsewhere.example/x' });
    const error = await failure(await track(id));
    expect(error.type).toBe('RequestRejected');
    expect(error.message).toContain('elsewhere.example');
  });

  it('makes its last look at the deadline and keeps the snapshot', async () => {
    plan(processing, 600_000_000);
    const id = await beginTiroJob(world.simulator);
    const startedAt = Date.now();
    const error = await failure(await track(id, { deadlineMs: 3000 }));
    const endedAfterMs = Date.now() - startedAt;
    expect(error.type).toBe('DeadlineExceeded');
    const [details] = error.details as [JobFailureDetails];
    expect(details).toMatchObject({ jobId: id, snapshot: { status: 'PROCESSING', phase: 'running' } });
    expect(details.statusCalls).toBe(polls(id).length);
    const last = polls(id).at(-1);
    expect((last?.at ?? 0) - startedAt).toBeGreaterThanOrEqual(2900);
    expect(endedAfterMs).toBeLessThan(20_000);
  });

  it('is cancelled while it waits between two looks', async () => {
    plan(processing, 600_000_000);
    const id = await beginTiroJob(world.simulator);
    const handle = await track(id);
    await eventually('it was asked', () => polls(id).length > 0);
    const cancelledAt = Date.now();
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow(/cancel/i);
    expect(Date.now() - cancelledAt).toBeLessThan(20_000);
    const { memo } = await handle.describe();
    expect(memo).toMatchObject({ cleanup: 'not-supported' });
  });

  it('shows what it waits for while the activity is pending', async () => {
    plan(processing, 600_000_000);
    const id = await beginTiroJob(world.simulator);
    const handle = await track(id);
    const shown = await eventually('a failure is pending', async () => {
      const { raw } = await handle.describe();
      return raw.pendingActivities?.find(({ lastFailure }) => lastFailure)?.lastFailure?.message;
    });
    expect(shown).toMatch(/^Tiro voice-file job .+ is PROCESSING \(running\).* status calls? so far\. Next check at /);
    await handle.terminate();
  });
});
