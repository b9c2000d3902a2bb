import type { ProcessingTime } from '../polling/poll-plan.ts';

/** One row of a vendor's table of typical processing times. */
export interface DurationRow {
  /** The row holds for media up to this length. */
  upToSeconds: number;
  processing: ProcessingTime;
}

/** Finds the row for media of this length; past the table, or of unknown length, the last row. */
export function lookUpProcessingTime(table: readonly DurationRow[], durationSeconds: number | null): ProcessingTime {
  const row =
    table.find(({ upToSeconds }) => durationSeconds !== null && durationSeconds < upToSeconds) ?? table.at(-1);
  if (row === undefined) throw new RangeError('the table of processing times is empty');
  return row.processing;
}

const halfAnHourMs = 30 * 60_000;

/** The larger of half an hour and four times the table's upper bound for the longest media. */
export function defaultDeadlineMs(table: readonly DurationRow[]): number {
  return Math.max(halfAnHourMs, 4 * lookUpProcessingTime(table, null).latestMs);
}
