import { readSegments, type Spoken } from '../segments.ts';

/** What was said in one file: its `result`, whose shape is not published, is read only where it plainly tells. */
export function readSoketText(result: unknown): Spoken {
  return readSegments(result, { start: 'start', end: 'end', unitMs: 1000 });
}
