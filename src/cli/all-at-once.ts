import { describeError, exitCodes } from './exit-codes.ts';
import { UsageError } from './usage-error.ts';

/**
 * Runs every check and gives their values, so that a person is told all faults in one go.
 * @throws UsageError with the faults of all checks; any other error as it is.
 */
export function allAtOnce<T, R extends unknown[]>(first: () => T, ...rest: { [K in keyof R]: () => R[K] }): [T, ...R] {
  const faults: string[] = [];
  const run = (check: () => unknown): unknown => {
    try {
      return check();
    } catch (error) {
      const { exitCode, message } = describeError(error);
      if (exitCode !== exitCodes.wrongUsage) throw error;
      faults.push(message);
      return undefined;
    }
  };
  const values = [first, ...rest].map(run);
  if (faults.length > 0) throw new UsageError(faults);
  return values as [T, ...R];
}
