import { activityInfo } from '@temporalio/activity';
import { toApplicationFailure } from './to-application-failure.ts';

/** A set of activities by name. */
export type Activities = Record<string, (...input: never[]) => Promise<unknown>>;

/** Wraps a set of activities so that whatever they throw crosses into Temporal by the one table. */
export function withFailures<A extends Activities>(
  activities: A,
  pace: { timeScale: number; random: () => number },
): A {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    async (...input: never[]) => {
      try {
        return await activity(...input);
      } catch (error) {
        throw toApplicationFailure(error, activityInfo().attempt, pace);
      }
    },
  ]);
  return Object.fromEntries(wrapped) as A;
}
