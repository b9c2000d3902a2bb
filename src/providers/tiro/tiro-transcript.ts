import { readSegments, type Spoken } from '../segments.ts';

/** The text of a Tiro transcript (`null` where there is none) and its segments with their times. */
export function readTiroText(transcript: unknown): Spoken {
  return readSegments(transcript, { start: 'startTimeMillis', end: 'endTimeMillis', unitMs: 1 });
}
