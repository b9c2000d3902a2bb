// Formats are told by the ending, so the marker stands before it.
const ending = /\.[^.]{1,10}$/;
// No file system takes longer ones.
const mostBytes = 255;

function cutToBytes(text: string, most: number): string {
  // As a stream: a character that was cut in two is held back.
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.from(text).subarray(0, most), { stream: true });
}

/**
 * A file's name in the upload form, with the marker of its job in it: `talk.wav` is `talk.0123456789abcdef.wav`. At
 * most 255 bytes; of a longer one its stem is cut.
 */
export function markName(name: string, marker: string): string {
  const [extension = ''] = ending.exec(name) ?? [];
  const end = `.${marker}${extension}`;
  const stem = name.slice(0, name.length - extension.length);
  return cutToBytes(stem, mostBytes - Buffer.byteLength(end)) + end;
}

/** Whether a file that Soket shows bears exactly this marker. */
export function isMarked(name: string | null | undefined, marker: string): boolean {
  return name?.split('.').includes(marker) === true;
}

/** What stands in a name where `markName` puts the marker; `null` where that is nothing of its form. */
export function markerIn(name: string | null | undefined): string | null {
  return /\.([0-9a-f]{16})(\.[^.]{1,10})?$/.exec(name ?? '')?.[1] ?? null;
}

/** A file's own name again, also within words about it; as it is where it was never marked. */
export function unmarkName(text: string, marker: string | undefined): string {
  return marker === undefined ? text : text.replaceAll(`.${marker}`, '');
}
