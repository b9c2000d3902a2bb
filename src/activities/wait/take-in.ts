import { log } from '@temporalio/activity';
import { afterAnswer } from '../../polling/poll-state.ts';
import { isTerminal } from '../../snapshot.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { anchorMs, isWaiting } from './anchor.ts';
import { detectionDelayMs } from './detection-delay.ts';
import type { Observation } from './observe-resource.ts';
import { tellWorkflow } from './tell-workflow.ts';
import { tookMs } from './took.ts';
import type { Wait } from './wait.ts';

/** Takes the answer in, and tells the workflow where that is how it hears of a phase. */
export async function takeIn(
  wait: Wait,
  { snapshot, reading, providerNowMs }: Observation,
  { looks, onDetected }: Pick<ActivityDependencies, 'looks' | 'onDetected'>,
): Promise<Wait> {
  const { input, resource, title } = wait;
  if (!reading.recognised && wait.state.snapshot?.status !== snapshot.status) {
    log.warn(`${title} has a status that nobody knows; it is taken as no news`, { status: snapshot.status });
  }
  const before = wait.state;
  let state = afterAnswer(before, snapshot, resource.allowsBackwards === true, Date.now());
  const clock = {
    isOurs: input.startedAtMs !== null,
    providerNowMs,
    lastLookAtMs: looks.lastLookAtMs(wait.job, before.calls - 1),
  };
  const known = { before, after: state, ...clock };
  state = { ...state, startedAtMs: anchorMs(known) };
  const job = { ...wait.job, processingTime: reading.processingTime ?? wait.job.processingTime };
  const seen = state.snapshot;
  const phase = seen?.phase ?? null;
  if (isTerminal(phase)) {
    looks.ended(job, phase === 'succeeded' ? tookMs(known) : null);
    const delayMs = detectionDelayMs(known);
    if (delayMs !== null) onDetected?.(input, delayMs);
  } else if (state.isLate !== true && !isWaiting(phase) && looks.isLate(job, state.startedAtMs)) {
    state = { ...state, isLate: true };
    log.warn(`${title} takes longer than 99.9 % of its kind have`, { phase, startedAtMs: state.startedAtMs });
  }
  if (input.observe === 'told' && seen !== null && phase !== (before.toldPhase ?? null) && !isTerminal(phase)) {
    const knows = await tellWorkflow({ snapshot: seen, statusCalls: state.calls });
    if (knows) state = { ...state, toldPhase: phase };
  }
  return { ...wait, state, job, isFirst: before.snapshot === null, needsAttention: reading.needsAttention === true };
}
