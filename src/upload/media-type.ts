import { extname } from 'node:path';
import { fileTypeFromBuffer } from 'file-type';
import { lookup } from 'mime-types';
import { isMedia, readMediaType } from './media-format.ts';

/** Where a media type is from: the caller, the server's header, the name's ending, the first bytes. */
export type MediaTypeOrigin = 'given' | 'declared' | 'name' | 'content';

/** What may tell the media type of a file. */
export interface MediaTypeClues {
  given?: string | undefined;
  declared?: string | null | undefined;
  /** The file's name. */
  name: string;
  /** The first `headBytes` of the content, or all of it where it is shorter. */
  readHead: () => Promise<Uint8Array>;
}

/** How much of the content tells what it is. */
export const headBytes = 4100;

// An MPEG transport stream, or TypeScript.
const ambiguousEnding = /\.m?ts$/i;

/** The media type that a name's ending says, in its one spelling; null where it says nothing. */
export function typeByName(name: string): string | null {
  return ambiguousEnding.test(name) ? null : readMediaType(lookup(extname(name)) || '');
}

async function typeByContent(clues: MediaTypeClues): Promise<string | null> {
  const head = await clues.readHead();
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  return readMediaType(found?.mime ?? '');
}

/**
 * The one rule for what a file is: what the caller gives, else what the server declares, else what the name says, else
 * what the content shows; whatever says nothing is passed over. Where header or name say something unwanted, and the
 * content is clearly wanted, the content is believed: a label may be wrong. `from` is null where nothing tells.
 */
export async function findMediaType(
  clues: MediaTypeClues,
  isWanted: (mediaType: string) => boolean = isMedia,
): Promise<{ mediaType: string; from: MediaTypeOrigin | null }> {
  const said = (
    [
      ['given', clues.given],
      ['declared', clues.declared],
      ['name', typeByName(clues.name)],
    ] as const
  )
    .map(([from, written]) => ({ mediaType: readMediaType(written ?? ''), from }))
    .find((each): each is { mediaType: string; from: 'given' | 'declared' | 'name' } => each.mediaType !== null);
  if (said !== undefined && (said.from === 'given' || isWanted(said.mediaType))) return said;
  const shown = await typeByContent(clues);
  if (shown !== null && (said === undefined || isWanted(shown))) return { mediaType: shown, from: 'content' };
  return said ?? { mediaType: 'application/octet-stream', from: null };
}
