// Formats are told by the ending, so the marker stands before it.
const ending = /\.[^.]{1,10}$/;

/** A file's name in the upload form, with the marker of its job in it: `talk.wav` is `talk.0123456789abcdef.wav`. */
export function markName(name: string, marker: string): string {
  const [extension = ''] = ending.exec(name) ?? [];
  return `${name.slice(0, name.length - extension.length)}.${marker}${extension}`;
}

/** Whether a file that Soket shows bears exactly this marker. */
export function isMarked(name: string | null | undefined, marker: string): boolean {
  return name?.split('.').includes(marker) === true;
}

/** The file's own name again; as it is where it was never marked. */
export function unmarkName(name: string, marker: string | undefined): string {
  if (marker === undefined) return name;
  return name
    .split('.')
    .filter((part) => part !== marker)
    .join('.');
}
