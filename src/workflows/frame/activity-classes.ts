import { ActivityCancellationType, type ActivityOptions } from '@temporalio/workflow';
import { mediaWithinMs, waitMarginMs } from '../../contract/deadlines.ts';

// The delay of a retry comes with each failure; this policy is the second line, for failures that carry none.
const retry = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' } as const;

/**
 * How each class of activity is run. Attempts are bounded by the failure table and by the deadline, not by a count;
 * a deadline that nobody gave begins with the wait, and what comes before is bounded by `withoutDeadlineMs`.
 * - `read`: asks, changes nothing.
 * - `wait`: its attempts are the polls; between them it is cancelled at once.
 * - `create`, `submit`: make something at the provider; run them through `commit`, so that no id is lost.
 * - `transfer`, `collect`: move bytes and heartbeat; a cancel waits until they have put their things in order.
 * - `record`: writes down an end that was no success; what it cannot write soon is left out.
 * - `cleanUp`: runs after a cancellation, in a non-cancellable scope.
 */
export const activityClasses = {
  read: { startToCloseTimeout: '1m', retry, cancellationType: ActivityCancellationType.TRY_CANCEL },
  wait: {
    startToCloseTimeout: '1m',
    heartbeatTimeout: '15s',
    retry,
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  },
  create: { startToCloseTimeout: '1m', retry, cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED },
  submit: { startToCloseTimeout: '1m', retry, cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED },
  transfer: {
    // An attempt without progress ends by itself, and one whose worker is gone by its silence.
    startToCloseTimeout: '48h',
    heartbeatTimeout: '15s',
    retry,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  },
  collect: {
    startToCloseTimeout: '1h',
    heartbeatTimeout: '15s',
    retry,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  },
  record: {
    startToCloseTimeout: '1m',
    scheduleToCloseTimeout: '3m',
    heartbeatTimeout: '15s',
    retry: { ...retry, maximumAttempts: 8 },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  },
  cleanUp: {
    startToCloseTimeout: '1m',
    scheduleToCloseTimeout: '10m',
    retry,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  },
} as const satisfies Record<string, ActivityOptions>;

/** The name of a class of activity. */
export type ActivityClass = keyof typeof activityClasses;

const hourMs = 3_600_000;

/** How long the classes that come before the wait have where no deadline was given, queueing and retries included. */
export const withoutDeadlineMs: Readonly<Partial<Record<ActivityClass, number>>> = {
  read: hourMs,
  create: 24 * hourMs,
  submit: 24 * hourMs,
  transfer: mediaWithinMs,
};

/** What a class may take past the deadline: an answer that is on its way, and holds an id, is still heard. */
export const marginsMs: Readonly<Partial<Record<ActivityClass, number>>> = {
  wait: waitMarginMs,
  create: 5000,
  submit: 5000,
};
