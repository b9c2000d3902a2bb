import { z } from 'zod';
import type { Cue } from '../../results/web-vtt.ts';

// The engine's own format, "json-v2": https://docs.speechmatics.com. Of each word only the first guess counts.
const word = z.object({
  type: z.string().nullish().catch(null),
  start_time: z.number().nullish().catch(null),
  end_time: z.number().nullish().catch(null),
  is_eos: z.boolean().nullish().catch(null),
  attaches_to: z.string().nullish().catch(null),
  alternatives: z.tuple([z.object({ content: z.string() })], z.unknown()),
});

type Word = z.infer<typeof word>;

const longestCueCharacters = 84;
const longestPauseMs = 2000;

function attaches({ type, attaches_to }: Word): boolean {
  return type === 'punctuation' && (attaches_to ?? 'previous') === 'previous';
}

function join(text: string, next: Word): string {
  const [{ content }] = next.alternatives;
  return text === '' || attaches(next) ? `${text}${content}` : `${text} ${content}`;
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

/** The text of an SLNG transcript in JSON, and its words in cues; nothing where it plainly has no words. */
export function readSlngText(json: string): { text: string | null; cues: Cue[] } {
  let body: unknown;
  try {
    body = JSON.parse(json);
  } catch {
    return { text: null, cues: [] };
  }
  const { data } = z.object({ text: z.unknown().optional(), results: z.array(z.unknown()).catch([]) }).safeParse(body);
  const words = (data?.results ?? []).flatMap((each) => word.safeParse(each).data ?? []);
  const said = words.length === 0 ? null : words.reduce(join, '');
  return { text: typeof data?.text === 'string' ? data.text : said, cues: toCues(words) };
}
