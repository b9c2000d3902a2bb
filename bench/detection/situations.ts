import { type ProcessingTime, type PollLimits } from '../../src/polling/poll-plan.ts';
import { providers } from '../../src/providers/registry.ts';
import { type Law, lognormal } from '../../test/polling/optimum.ts';

const { lifecycle, resources } = providers.tiro;

/** What Tiro's status endpoint asks of those who poll. */
export const limits: PollLimits = resources['voice-file-job'].polling;

/** A kind of job, and how long those really take. */
export interface Kind {
  title: string;
  law: Law;
  /** What Tiro's table says of it; null where the length is not known beforehand. */
  table: ProcessingTime | null;
}

const lengths: Record<string, number> = { '4 min': 4, '10 min': 10, '40 min': 40, '2 h': 120 };

/** A kind of which the length is known. */
export interface KnownKind extends Kind {
  minutes: number;
  table: ProcessingTime;
}

/** A job of each row of Tiro's table: 5 % of them end before the row's range and 5 % after it. */
export const kinds: readonly KnownKind[] = Object.entries(lengths).map(([length, minutes]) => {
  const table = lifecycle.processingTime(minutes * 60);
  return { title: `${length} of audio`, minutes, law: lognormal(table), table };
});

/** Jobs of any of these kinds, and nobody knows which. */
export const anyKind: Kind = { title: 'any length', law: mixture(kinds.map(({ law }) => law)), table: null };

function mixture(laws: readonly Law[]): Law {
  const endedBy = (ms: number) => laws.reduce((sum, law) => sum + law.endedBy(ms), 0) / laws.length;
  const quantile = (part: number) => {
    let early = Math.min(...laws.map((law) => law.quantile(part)));
    let late = Math.max(...laws.map((law) => law.quantile(part)));
    for (let step = 0; step < 60; step += 1) {
      const middle = (early + late) / 2;
      if (endedBy(middle) < part) early = middle;
      else late = middle;
    }
    return late;
  };
  return { endedBy, quantile };
}

/** What the table says, beside the truth. */
export const priors = { right: 1, 'half of the truth': 0.5, 'double the truth': 2 } as const;

export function times({ earliestMs, latestMs }: ProcessingTime, factor: number): ProcessingTime {
  return { earliestMs: earliestMs * factor, latestMs: latestMs * factor };
}
