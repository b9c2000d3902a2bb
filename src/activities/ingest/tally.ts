import {
  type FailedFile,
  type IngestCounts,
  mostListed,
  type ScanDirectoryResult,
  type SkippedFile,
  type StartedFile,
} from '../../contract/ingest.ts';

/** What was met so far: every file counted, a hundred of each kind named. Goes from attempt to attempt as it is. */
export interface Tally {
  counts: IngestCounts;
  known: number;
  started: StartedFile[];
  failed: FailedFile[];
  skipped: SkippedFile[];
}

/** A tally of nothing. */
export function emptyTally(): Tally {
  return { counts: { started: 0, done: 0, failed: 0, skipped: 0 }, known: 0, started: [], failed: [], skipped: [] };
}

/** Counts a file, and names it while there are few of its kind. */
export function note<K extends 'started' | 'failed' | 'skipped'>(tally: Tally, kind: K, file: Tally[K][number]): void {
  const named: (typeof file)[] = tally[kind];
  tally.counts[kind] += 1;
  if (named.length < mostListed) named.push(file);
}

/** What was met by the listing and by the scan together. */
export function resultOf(listing: Tally, scan: Tally): ScanDirectoryResult {
  const { known, started, failed } = scan;
  const counts = { ...scan.counts, skipped: listing.counts.skipped + scan.counts.skipped };
  const skipped = [...listing.skipped, ...scan.skipped].slice(0, mostListed);
  const met = counts.started + counts.failed + counts.skipped;
  const unlisted = met - started.length - failed.length - skipped.length;
  return { starts: [], started, known, failed, skipped, unlisted, left: 0, counts };
}
