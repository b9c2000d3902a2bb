/** A stretch of speech, in milliseconds from the beginning of the media. */
export interface Cue {
  startMs: number;
  endMs: number;
  text: string;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function toTimestamp(ms: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const seconds = `${two((ms / 1000) % 60)}.${String(ms % 1000).padStart(3, '0')}`;
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${seconds}`;
}

// A blank line would end the cue.
function toCueText(text: string): string {
  const lines = text
    .toWellFormed()
    .replaceAll('\0', '')
    .split(/[\r\n]+/);
  const spoken = lines.map((line) => line.trim()).filter((line) => line !== '');
  return spoken.join('\n').replaceAll(/[&<>]/g, (character) => entities[character] ?? character);
}

/** Cues in the order of their times as WebVTT (https://www.w3.org/TR/webvtt1/); `null` where nothing is said. */
export function toWebVtt(cues: readonly Cue[]): string | null {
  const blocks = cues
    .map(({ startMs, endMs, text }) => ({
      startMs: Math.max(0, Math.round(startMs)),
      endMs: Math.round(endMs),
      text: toCueText(text),
    }))
    .filter(({ startMs, endMs, text }) => text !== '' && Number.isSafeInteger(startMs) && Number.isSafeInteger(endMs))
    .sort((a, b) => a.startMs - b.startMs)
    .map(({ startMs, endMs, text }) => {
      // A cue must end after it begins.
      return `${toTimestamp(startMs)} --> ${toTimestamp(Math.max(startMs + 1, endMs))}\n${text}\n`;
    });
  return blocks.length === 0 ? null : ['WEBVTT\n', ...blocks].join('\n');
}
