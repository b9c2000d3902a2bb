import type { ActivityDependencies } from '../activity-dependencies.ts';
import {
  type CleanedThing,
  type CleaningFate,
  type CleaningKind,
  type CleaningTally,
  cleaningFates,
  emptyCleaning,
  mostThings,
} from '../../contract/cleaning.ts';
import type { Look } from '../../providers/cleaning.ts';
import type { ProviderName } from '../../providers/registry.ts';

const named: ReadonlySet<CleaningFate> = new Set(['removed', 'would-be-removed', 'in-use']);

/** Whose counts these are, and who hears of them beside. */
interface BookOptions extends Pick<ActivityDependencies, 'onCleaned'> {
  provider: ProviderName;
  kind: CleaningKind;
}

/** Takes down what was met. */
export class CleaningBook {
  readonly #options: BookOptions;
  readonly tally: CleaningTally;

  constructor(options: BookOptions, from: CleaningTally = emptyCleaning()) {
    this.#options = options;
    this.tally = structuredClone(from);
  }

  /** Counts what nothing is done to. */
  count(fate: CleaningFate): void {
    const { onCleaned, provider, kind } = this.#options;
    this.tally.counts[fate] += 1;
    onCleaned?.({ provider, kind, fate });
  }

  /** Counts and names what was removed, would be, or could not be. */
  note(thing: CleanedThing): void {
    const { fate, sizeBytes, ageSeconds } = thing;
    this.count(fate);
    if (!named.has(fate)) return;
    if (this.tally.things.length < mostThings) this.tally.things.push(thing);
    else this.tally.unlisted += 1;
    if (fate === 'in-use') return;
    this.tally.bytes += sizeBytes ?? 0;
    this.tally.oldestSeconds = Math.max(this.tally.oldestSeconds, ageSeconds);
  }
}

/** One tally of two. */
export function addTallies(one: CleaningTally, other: CleaningTally): CleaningTally {
  const things = [...one.things, ...other.things];
  const sum = emptyCleaning();
  for (const fate of cleaningFates) sum.counts[fate] = one.counts[fate] + other.counts[fate];
  return {
    ...sum,
    bytes: one.bytes + other.bytes,
    oldestSeconds: Math.max(one.oldestSeconds, other.oldestSeconds),
    things: things.slice(0, mostThings),
    unlisted: one.unlisted + other.unlisted + Math.max(0, things.length - mostThings),
  };
}

/** What was met, and since when it is there. */
type Met = Pick<CleanedThing, 'resource' | 'id' | 'workflowId'> & { jobEndedAtMs: number };

/** Removes what a look found to be removable, unless nothing is to be removed; says what became of it. */
export async function settle(look: Look, met: Met, deletes: boolean): Promise<CleanedThing> {
  const { jobEndedAtMs, ...place } = met;
  const isHere = typeof look !== 'string';
  const { sizeBytes = null, createdAt = null } = isHere ? look : {};
  const sinceMs = createdAt === null ? jobEndedAtMs : Date.parse(createdAt);
  const ageSeconds = Math.max(0, Math.round((Date.now() - sinceMs) / 1000));
  if (!isHere) return { ...place, fate: look, sizeBytes, ageSeconds };
  return { ...place, fate: deletes ? await look.remove() : 'would-be-removed', sizeBytes, ageSeconds };
}
