import type { Cue } from './web-vtt.ts';

const timing = /^\s*(\d+):(\d{2}):(\d{2})[,.](\d{1,3})\s*-->\s*(\d+):(\d{2}):(\d{2})[,.](\d{1,3})/;

function toMs([hours = '', minutes = '', seconds = '', fraction = '']: readonly string[]): number {
  const whole = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return whole * 1000 + Number(fraction.padEnd(3, '0'));
}

/** Reads SubRip (`.srt`); what has no times is passed over. */
export function readSubRip(text: string): Cue[] {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .split(/\n{2,}/)
    .flatMap((block) => {
      const lines = block.split('\n');
      const at = lines.findIndex((line) => timing.test(line));
      const found = timing.exec(lines[at] ?? '');
      if (found === null) return [];
      return [
        { startMs: toMs(found.slice(1, 5)), endMs: toMs(found.slice(5, 9)), text: lines.slice(at + 1).join('\n') },
      ];
    });
}
