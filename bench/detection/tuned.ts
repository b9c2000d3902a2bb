// The opponents with the best settings there are for what they are told: each tries a grid against the law that it
// believes in, and takes what costs least there.
import { usualPriceMs } from '../../src/polling/poll-plan.ts';
import type { Law } from '../../test/polling/optimum.ts';
import { seededRandom } from '../../test/setup/seeded-random.ts';
import { drawTimesMs } from './measure.ts';
import { planned, retried, smithy, type RetryPolicy, type Waiter } from './waiters.ts';

const jobs = 300;

type Delays = (elapsedMs: number, looks: number) => number;

/** Steps from `low` to `high`, each as many times the one before. */
function steps(low: number, high: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => low * (high / low) ** (index / (count - 1)));
}

/** Mean delay and a second for each call, over jobs that take these times. */
function costMs(timesMs: readonly number[], nextDelayMs: Delays): number {
  let sum = 0;
  for (const endMs of timesMs) {
    let nowMs = 0;
    for (let looks = 0; nowMs < endMs || looks === 0; looks += 1) {
      nowMs += nextDelayMs(nowMs, looks);
      sum += usualPriceMs;
    }
    sum += nowMs - endMs;
  }
  return sum / timesMs.length;
}

function best<T>(settings: readonly T[], law: Law, delaysOf: (setting: T, random: () => number) => Delays): T {
  const timesMs = drawTimesMs(law, jobs, seededRandom(1));
  let found: T | undefined;
  let least = Infinity;
  for (const setting of settings) {
    const cost = costMs(timesMs, delaysOf(setting, seededRandom(1)));
    if (cost < least) [found, least] = [setting, cost];
  }
  if (found === undefined) throw new RangeError('no settings to try');
  return found;
}

/** One interval for all looks, which is all that twelvelabs-js, openai and assemblyai can be told. */
export function bestInterval(law: Law): Waiter {
  const intervalMs = best(steps(1000, 300_000, 60), law, (ms) => () => ms);
  // They look at once, too.
  return planned((_elapsedMs, looks) => (looks === 0 ? 0 : intervalMs));
}

/** Before the first look, and between looks. */
export interface WaitAndInterval {
  waitMs: number;
  intervalMs: number;
}

/** The best first wait, and one interval from then on: what a careful caller writes around any of them. */
export function tuneWaitAndInterval(law: Law): WaitAndInterval {
  const waits = [0, ...steps(law.quantile(0.001), law.quantile(0.9), 24)];
  const settings = waits.flatMap((waitMs) => steps(1000, 300_000, 40).map((intervalMs) => ({ waitMs, intervalMs })));
  return best(
    settings,
    law,
    ({ waitMs, intervalMs }) =>
      (_elapsedMs, looks) =>
        looks === 0 ? waitMs : intervalMs,
  );
}

export function bestWaitAndInterval(law: Law): Waiter {
  const { waitMs, intervalMs } = tuneWaitAndInterval(law);
  return planned((_elapsedMs, looks) => (looks === 0 ? waitMs : intervalMs));
}

/** The delays of a smithy waiter, to try settings by; what is measured then is the waiter itself. */
function smithyDelays({ minDelay, maxDelay }: { minDelay: number; maxDelay: number }, random: () => number): Delays {
  const ceiling = Math.log2(maxDelay / minDelay) + 1;
  return (_elapsedMs, looks) => {
    if (looks === 0) return 0;
    if (looks > ceiling) return maxDelay * 1000;
    return (minDelay + random() * (Math.min(maxDelay, minDelay * 2 ** (looks - 1)) - minDelay)) * 1000;
  };
}

export function bestSmithy(law: Law): Waiter {
  const settings = steps(1, 300, 16).flatMap((minDelay) =>
    steps(1, 300, 16).flatMap((maxDelay) => (maxDelay < minDelay ? [] : [{ minDelay, maxDelay }])),
  );
  return smithy(best(settings, law, smithyDelays));
}

export function bestRetryPolicy(law: Law): Waiter {
  const settings = steps(1000, 300_000, 16).flatMap((initialMs) =>
    [1, 1.2, 1.5, 2].flatMap((coefficient) =>
      (coefficient === 1 ? [initialMs] : steps(5000, 300_000, 10)).map((maximumMs): RetryPolicy => {
        return { initialMs, coefficient, maximumMs: Math.max(initialMs, maximumMs) };
      }),
    ),
  );
  const policy = best(
    settings,
    law,
    ({ initialMs, coefficient, maximumMs }) =>
      (_elapsedMs, looks) =>
        looks === 0 ? 0 : Math.min(maximumMs, initialMs * coefficient ** (looks - 1)),
  );
  return retried(policy);
}
