import type { Progress } from '../snapshot.ts';
import type { ProcessingTime } from './poll-plan.ts';

// Of a normal belief, the 5 and 95 % points lie so many deviations from the middle.
const deviations = 1.645;

/** How much ln of the time is unsure after `done` of `total` parts: parts differ, and the last of them is late. */
const varianceAfter = (done: number, total: number) => 0.81 * (1 / done - 1 / total) + 0.4 / total + 0.01;

/**
 * Joins an estimate with how far the job has come: its parts take about as long one after the other, so that the whole
 * takes its age times all parts over those that are done. Both weigh by how sure they are.
 */
export function withProgress(
  estimate: ProcessingTime | null,
  { done, total }: Progress,
  elapsedMs: number,
): ProcessingTime | null {
  if (!(done >= 1 && done < total && Number.isFinite(total) && elapsedMs >= 1)) return estimate;
  let middle = Math.log((elapsedMs * total) / done);
  let variance = varianceAfter(done, total);
  if (estimate !== null) {
    const earliest = Math.log(Math.max(1, estimate.earliestMs));
    const latest = Math.log(Math.max(2, estimate.latestMs));
    const known = Math.max(0.01, (latest - earliest) / (2 * deviations)) ** 2;
    const weight = known / (known + variance);
    middle = (1 - weight) * ((earliest + latest) / 2) + weight * middle;
    variance *= weight;
  }
  const spread = deviations * Math.sqrt(variance);
  return { earliestMs: Math.exp(middle - spread), latestMs: Math.exp(middle + spread) };
}
