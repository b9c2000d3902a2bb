import type { World } from '../world.ts';
import type { SlngJob } from './job.ts';

/** From the vendor's sample job: five seconds in the queue, 85 seconds of work for 312.4 seconds of audio. */
const queuedMs = 5000;
const workShare = 85 / 312.4;
const minWorkMs = 10_000;
const workSteps = [
  { status: 'IN_PROGRESS', upTo: 0.2 },
  { status: 'DECODING', upTo: 0.9 },
  { status: 'POST_PROCESSING', upTo: 1 },
];

/** Where a job is by the clock, and when each of its steps happens, in milliseconds since the epoch. */
export function slngProgress(world: World, job: SlngJob) {
  const { plans, clock } = world;
  const plan = plans.of('slng', job.id);
  if (job.deletedAt !== undefined) return { ...timesOf(world, job), status: 'DELETED' };
  if (job.inputError !== undefined) return { completedAt: job.submittedAt, status: 'FAILED' };
  const times = timesOf(world, job);
  const now = clock.now();
  if (times === undefined || now < times.startedAt) return { ...times, status: 'QUEUED' };
  const done = (now - times.startedAt) / Math.max(1, times.completedAt - times.startedAt);
  const running = now < times.completedAt ? workSteps.find(({ upTo }) => done < upTo) : undefined;
  const expiredAt = plan.expiredAfterMs === undefined ? undefined : clock.after(times.completedAt, plan.expiredAfterMs);
  return { ...times, expiredAt, status: running?.status ?? (plan.outcome === 'failed' ? 'FAILED' : 'DONE') };
}

function timesOf(world: World, job: SlngJob) {
  if (!job.input) return undefined;
  const { plans, clock } = world;
  const workMs = Math.max(minWorkMs, job.input.durationSeconds * 1000 * workShare);
  const totalMs = plans.of('slng', job.id).durationMs ?? queuedMs + workMs;
  const startedAt = clock.after(job.input.arrivedAt, Math.min(queuedMs, totalMs / 3));
  return { startedAt, completedAt: clock.after(job.input.arrivedAt, totalMs), expiredAt: undefined };
}
