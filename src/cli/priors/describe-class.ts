import { formatDuration } from '../../polling/duration.ts';
import type { LearnedClass } from '../../polling/learned-times.ts';
import type { ProcessingTime } from '../../polling/poll-plan.ts';

/** The heads of the columns that `describeClass` fills. */
export const classColumns = ['provider', 'resource', 'class', 'vendor says', 'learned', 'from', 'jobs are'] as const;

const rightWithin = 1.05;

function describeRange(range: ProcessingTime | null): string {
  return range === null ? '' : `${formatDuration(range.earliestMs)} to ${formatDuration(range.latestMs)}`;
}

/** How far what a vendor says is off, for instance `1.8 × slower` or `as it says`. */
export function describeOffset({ vendor, learned, timesAsLong, jobs }: LearnedClass): string {
  if (timesAsLong === null) {
    if (vendor === null || jobs < 2) return '';
    return learned === null ? 'as it says, so far' : '';
  }
  const times = Math.max(timesAsLong, 1 / timesAsLong);
  if (times < rightWithin) return 'as it says';
  const written = times < 9.95 ? times.toFixed(times < 1.095 ? 2 : 1) : String(Math.round(times));
  return `${written} × ${timesAsLong > 1 ? 'slower' : 'quicker'}`;
}

/** A class as a row of the table. */
export function describeClass(each: LearnedClass): string[] {
  const { provider, resource, durations, vendor, learned, jobs } = each;
  const vendorSays = vendor === null ? 'nothing' : describeRange(vendor);
  const from = jobs === 1 ? '1 job' : `${String(jobs)} jobs`;
  return [provider, resource, durations, vendorSays, describeRange(learned), from, describeOffset(each)];
}

const medianOf = ({ vendor }: LearnedClass) => (vendor === null ? Infinity : vendor.earliestMs * vendor.latestMs);

/** By provider, resource and what the vendor says; what it says nothing of comes last. */
export function inOrder(classes: readonly LearnedClass[]): LearnedClass[] {
  const kindOf = ({ provider, resource }: LearnedClass) => `${provider} ${resource}`;
  return [...classes].sort((a, b) => kindOf(a).localeCompare(kindOf(b)) || (medianOf(a) < medianOf(b) ? -1 : 1));
}
