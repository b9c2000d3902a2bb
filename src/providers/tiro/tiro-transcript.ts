import { z } from 'zod';
import type { Cue } from '../../results/web-vtt.ts';

const millis = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]);
const segment = z.object({ text: z.string() });
const timedSegment = segment.extend({ startTimeMillis: millis, endTimeMillis: millis });

/** The text of a Tiro transcript (`null` where there is none) and its segments with their times, each read on its own. */
export function readTiroText(transcript: Record<string, unknown>): { text: string | null; cues: Cue[] } {
  const segments: unknown[] = Array.isArray(transcript['segments']) ? transcript['segments'] : [];
  const spoken = segments.flatMap((each) => segment.safeParse(each).data?.text ?? []);
  const cues = segments.flatMap((each): Cue[] => {
    const { data } = timedSegment.safeParse(each);
    return data === undefined ? [] : [{ startMs: data.startTimeMillis, endMs: data.endTimeMillis, text: data.text }];
  });
  const { text } = transcript;
  if (typeof text === 'string') return { text, cues };
  return { text: spoken.length === 0 ? null : spoken.join(' '), cues };
}
