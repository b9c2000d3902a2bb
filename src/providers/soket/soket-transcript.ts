import { z } from 'zod';
import type { Cue } from '../../results/web-vtt.ts';

const segment = z.object({ start: z.number(), end: z.number(), text: z.string() });

/** What was said in one file: its `result`, whose shape is not published, is read only where it plainly tells. */
export function readSoketText(result: unknown): { text: string | null; cues: Cue[] } {
  if (typeof result !== 'object' || result === null) return { text: null, cues: [] };
  const fields = result as Record<string, unknown>;
  const segments: unknown[] = Array.isArray(fields['segments']) ? fields['segments'] : [];
  const cues = segments.flatMap((each): Cue[] => {
    const { data } = segment.safeParse(each);
    return data === undefined ? [] : [{ startMs: data.start * 1000, endMs: data.end * 1000, text: data.text }];
  });
  if (typeof fields['text'] === 'string') return { text: fields['text'], cues };
  return { text: cues.length === 0 ? null : cues.map(({ text }) => text.trim()).join(' '), cues };
}
