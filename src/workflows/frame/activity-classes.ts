import { ActivityCancellationType, type ActivityOptions } from '@temporalio/workflow';

// The delay of a retry comes with each failure; this policy is the second line, for failures that carry none.
const retry = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' } as const;

/**
 * How each class of activity is run. Attempts are bounded by the failure table and by the deadline, not by a count.
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
    startToCloseTimeout: '12h',
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
    retry: { ...retry, maximumAttempts: 8 },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  },
} as const satisfies Record<string, ActivityOptions>;

/** The name of a class of activity. */
export type ActivityClass = keyof typeof activityClasses;
