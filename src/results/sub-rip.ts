import type { Cue } from './web-vtt.ts';

const timing = /^\s*(\d+):(\d{2}):(\d{2})[,.](\d{1,3})\s*-->\s*(\d+):(\d{2}):(\d{2})[,.](\d{1,3})/;

function toMs([hours = '', minutes = '', seconds = '', fraction = '']: readonly string[]): number {
  const whole = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return whole * 1000 + Number(fraction.padEnd(3, '0'));
}

/** Reads SubRip (`.srt`); what has no times is passed over. A cue goes on, also past blank lines, until the next. */
export function readSubRip(text: string): Cue[] {
  const cues: (Cue & { lines: string[] })[] = [];
  for (const line of text.split(/\r\n?|\n/)) {
    const found = timing.exec(line);
    const lines = cues.at(-1)?.lines;
    if (found === null) lines?.push(line);
    else {
      // The number of the cue that begins here.
      if (/^\s*\d+\s*$/.test(lines?.at(-1) ?? '')) lines?.pop();
      cues.push({ startMs: toMs(found.slice(1, 5)), endMs: toMs(found.slice(5, 9)), text: '', lines: [] });
    }
  }
  return cues.map(({ startMs, endMs, lines }) => ({ startMs, endMs, text: lines.join('\n').trim() }));
}
