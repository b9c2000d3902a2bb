import { z } from 'zod';
import type { Cue } from '../../results/web-vtt.ts';
import { parseJson } from '../connection/provider-answer.ts';
import { number, rows, text } from '../lenient.ts';
import type { Spoken } from '../segments.ts';

// The engine's own format, "json-v2": https://docs.speechmatics.com. Of each word only the first guess counts.
const word = z.object({
  type: z.string().nullish().catch(null),
  start_time: number.nullish().catch(null),
  end_time: number.nullish().catch(null),
  is_eos: z.boolean().nullish().catch(null),
  attaches_to: z.string().nullish().catch(null),
  alternatives: rows(z.object({ content: text })).refine((guesses) => guesses.length > 0),
});

type Word = z.infer<typeof word>;

const longestCueCharacters = 84;
const longestPauseMs = 2000;

function attaches({ type, attaches_to }: Word): boolean {
  return type === 'punctuation' && (attaches_to ?? 'previous') === 'previous';
}

function join(said: string, next: Word): string {
  const content = next.alternatives[0]?.content ?? '';
  return said === '' || attaches(next) ? `${said}${content}` : `${said} ${content}`;
}

function toCues(words: readonly Word[]): Cue[] {
  const cues: Cue[] = [];
  let isFull = true;
  for (const next of words) {
    const { start_time, end_time } = next;
    if (typeof start_time !== 'number' || typeof end_time !== 'number') continue;
    const [startMs, endMs] = [start_time * 1000, end_time * 1000];
    const last = cues.at(-1);
    const goesOn = last !== undefined && (attaches(next) || (!isFull && startMs - last.endMs < longestPauseMs));
    if (goesOn) {
      last.text = join(last.text, next);
      last.endMs = Math.max(last.endMs, endMs);
    } else cues.push({ startMs, endMs, text: join('', next) });
    isFull = next.is_eos === true || (cues.at(-1)?.text.length ?? 0) >= longestCueCharacters;
  }
  return cues;
}

const transcript = z.object({ text: text.optional().catch(undefined), results: rows(word).catch([]) });

/** The text of an SLNG transcript in JSON, and its words in cues; nothing where it plainly has no words. */
export function readSlngText(json: string): Spoken {
  const { success, data } = transcript.safeParse(parseJson(json));
  if (!success) return { text: null, cues: [] };
  const { text: own, results: words } = data;
  const isOwn = words.length === 0 || (own ?? '').trim() !== '';
  return { text: isOwn ? (own ?? null) : words.reduce(join, ''), cues: toCues(words) };
}
