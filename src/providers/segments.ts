import type { Cue } from '../results/web-vtt.ts';
import { fieldOf, number, text } from './lenient.ts';

/** What was said: the whole text, `null` where there is none, and what of it has times. */
export interface Spoken {
  text: string | null;
  cues: Cue[];
}

/**
 * Reads `text` and `segments` of a transcript. The text is its own where it has some, else that of all its segments,
 * whatever their times; those that have both times are cues.
 */
export function readSegments(transcript: unknown, times: { start: string; end: string; unitMs: number }): Spoken {
  const listed = fieldOf(transcript, 'segments');
  const segments = (Array.isArray(listed) ? (listed as unknown[]) : []).flatMap((each) => {
    const said = text.safeParse(fieldOf(each, 'text')).data;
    const at = (name: string) => (number.safeParse(fieldOf(each, name)).data ?? NaN) * times.unitMs;
    return said === undefined ? [] : [{ startMs: at(times.start), endMs: at(times.end), text: said }];
  });
  const own = text.safeParse(fieldOf(transcript, 'text')).data;
  const spoken = segments.map((each) => each.text.trim()).filter((said) => said !== '');
  const isOwn = own !== undefined && (own.trim() !== '' || spoken.length === 0);
  return {
    text: isOwn ? own : segments.length === 0 ? null : spoken.join(' '),
    cues: segments.filter(({ startMs, endMs }) => !Number.isNaN(startMs + endMs)),
  };
}
