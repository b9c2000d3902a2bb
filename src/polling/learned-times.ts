import { createHash, randomUUID } from 'node:crypto';
import {
  almostAllEndedByMs,
  isPossible,
  type Learned,
  learnedTime,
  learnFrom,
  nothingLearned,
  type Observation,
} from './learning.ts';
import { formatDuration } from './duration.ts';
import { beliefOf, type ProcessingTime } from './poll-plan.ts';

export type { ObservedEnd } from './learning.ts';

/** The jobs that may take like times: those of one resource at one provider. */
export interface JobKind {
  provider: string;
  resource: string;
}

/** What one job that succeeded was seen to take: what learning remembers, and nothing besides. */
export interface FinishedJob extends JobKind {
  /** By it a job counts once, however often it is read. */
  id: string;
  /** Epoch milliseconds. */
  learnedAtMs: number;
  /** What the vendor had said. */
  vendor: ProcessingTime | null;
  seen: Observation;
}

/** What is known of one class: the jobs of a kind of which the vendor says like things. */
export interface LearnedClass extends JobKind {
  /** An octave of the vendor's median, for instance `32 s – 64 s`, or `unknown`. */
  durations: string;
  /** What the vendor said of the last job. */
  vendor: ProcessingTime | null;
  /** Where nearly all such jobs lie; `null` while the vendor's word stands. */
  learned: ProcessingTime | null;
  /** How many times the vendor's median these jobs take; `null` while its word stands. */
  timesAsLong: number | null;
  /** How many jobs that rests on. */
  jobs: number;
  /** By when 99.9 % of such jobs have ended; `null` while too few were seen. */
  stuckAfterMs: number | null;
}

/** How long jobs take, learned from those that succeeded. */
export interface LearnedTimes {
  /** How long such a job is likely to take: as learned, else what the vendor says. */
  processingTime(of: JobKind, vendor: ProcessingTime | null): ProcessingTime | null;
  /**
   * Takes in a job that succeeded, once however often it is told; `vendor` is what the vendor said of it, `observation` is on
   * the planner's own clock.
   */
  learn(of: JobKind, vendor: ProcessingTime | null, observation: Observation, id?: string): void;
  /** Since the job's processing began, when 99.9 % of such jobs have ended; `null` while too few were seen. */
  stuckAfterMs(of: JobKind, vendor: ProcessingTime | null): number | null;
  /** Every job that is remembered, the oldest first. */
  remembered(): FinishedJob[];
  /** Takes in jobs that others have seen; those that are known already change nothing. */
  remember(jobs: readonly FinishedJob[]): void;
  /** Forgets all that was learned until then. */
  forget(untilMs: number): void;
  classes(): LearnedClass[];
}

/** How many jobs of a class are remembered, the newest: the weight of an older one would be below an eighth. */
export const rememberedPerClass = 40;
/** How many classes are remembered, those that learned last. */
export const mostClasses = 256;

interface Class {
  jobs: FinishedJob[];
  state: Learned | null;
}

const finite = (vendor: ProcessingTime | null) =>
  vendor !== null && Number.isFinite(vendor.earliestMs + vendor.latestMs) ? vendor : null;

/** The octave of the vendor's median, in seconds: the same in every worker, whatever it has learned. */
function octaveOf(vendor: ProcessingTime | null): number | null {
  return vendor === null ? null : Math.floor(Math.log2(beliefOf(vendor).medianMs / 1000));
}

function durationsOf(vendor: ProcessingTime | null): string {
  const octave = octaveOf(vendor);
  if (octave === null) return 'unknown';
  return [octave, octave + 1].map((exponent) => formatDuration(1000 * 2 ** exponent)).join(' – ');
}

const keyOf = ({ provider, resource }: JobKind, vendor: ProcessingTime | null) =>
  [provider, resource, octaveOf(vendor) ?? 'unknown'].join(' ');

const byTime = (a: FinishedJob, b: FinishedJob) => a.learnedAtMs - b.learnedAtMs || (a.id < b.id ? -1 : 1);

/**
 * Remembers the last jobs of each class, and nothing that was made of them: what is learned follows from them alone, so
 * that workers which have read the same jobs know the same, in whatever order and however often they read them.
 */
export function createLearnedTimes({
  now = Date.now,
  onLearned = () => undefined,
}: { now?: () => number; onLearned?: () => void } = {}): LearnedTimes {
  const classes = new Map<string, Class>();

  function add(job: FinishedJob) {
    if (!isPossible(job.seen)) return;
    const key = keyOf(job, job.vendor);
    // Of a clock that was ahead once, nothing is newer than what is learned now.
    const latest = now();
    const known = (classes.get(key)?.jobs ?? []).map((each) =>
      each.learnedAtMs > latest ? { ...each, learnedAtMs: latest } : each,
    );
    if (known.some((each) => each.id === job.id)) return;
    // Set anew, the class is the last that learned.
    classes.delete(key);
    classes.set(key, { jobs: [...known, job].sort(byTime).slice(-rememberedPerClass), state: null });
    const [oldest] = classes.keys();
    if (classes.size > mostClasses && oldest !== undefined) classes.delete(oldest);
  }

  function stateOf(of: JobKind, vendor: ProcessingTime | null): Learned {
    const known = classes.get(keyOf(of, vendor));
    if (known === undefined) return nothingLearned(vendor);
    known.state ??= known.jobs.reduce((state, job) => learnFrom(state, job.vendor, job.seen), nothingLearned(vendor));
    return known.state;
  }

  const stuckAfterMs = (of: JobKind, said: ProcessingTime | null) =>
    almostAllEndedByMs(stateOf(of, finite(said)), finite(said));
  const remembered = () => [...classes.values()].flatMap(({ jobs }) => jobs).sort(byTime);
  return {
    processingTime: (of, vendor) => learnedTime(stateOf(of, finite(vendor)), finite(vendor)) ?? vendor,
    learn({ provider, resource }, vendor, seen, jobId = randomUUID()) {
      const id = createHash('sha256').update([provider, resource, jobId].join(' ')).digest('hex').slice(0, 32);
      add({ provider, resource, id, learnedAtMs: now(), vendor: finite(vendor), seen });
      onLearned();
    },
    stuckAfterMs,
    remembered,
    remember(jobs) {
      // A clock that is ahead of ours must not keep its jobs the newest for ever.
      const latest = now();
      const placed = jobs.map((job) => ({ ...job, learnedAtMs: Math.min(job.learnedAtMs, latest) }));
      for (const job of placed.sort(byTime)) add({ ...job, vendor: finite(job.vendor) });
    },
    forget(untilMs) {
      const latest = now();
      const kept = remembered().filter(({ learnedAtMs }) => Math.min(learnedAtMs, latest) > untilMs);
      classes.clear();
      for (const job of kept) add(job);
    },
    classes: () =>
      [...classes.values()].flatMap(({ jobs }): LearnedClass[] => {
        const last = jobs.at(-1);
        if (last === undefined) return [];
        const { provider, resource, vendor } = last;
        const state = stateOf(last, vendor);
        const learned = learnedTime(state, vendor);
        return [
          {
            ...{ provider, resource, durations: durationsOf(vendor), vendor, learned },
            timesAsLong: learned === null || vendor === null ? null : Math.exp(state.shift),
            jobs: state.jobs,
            stuckAfterMs: stuckAfterMs(last, vendor),
          },
        ];
      }),
  };
}
