import { buffer } from 'node:stream/consumers';
import { noRanges } from './https-pieces.ts';
import { readDurationSeconds } from './media-duration.ts';
import { formatOf, type MediaFormat } from './media-format.ts';
import type { SourceDescription, SourceOptions } from './media-source.ts';
import { findMediaType, headBytes } from './media-type.ts';
import { openSource } from './open-source.ts';
import { SourceError } from './source-error.ts';
import { redactUri } from './source-uri.ts';

/** What the caller says of the media, and what it is needed for. */
export interface WantedMedia {
  /** The media type by the caller's word, which nothing is held against. */
  mediaType?: string | undefined;
  /** The playing time by the caller's word. */
  durationSeconds?: number | undefined;
  /** The formats that are of use; any audio or video where not given. */
  formats?: readonly MediaFormat[] | undefined;
  /** Whether the content will be read in parts, which some servers do not let anybody do. */
  inParts?: boolean | undefined;
}

/**
 * Looks at a source without reading it whole: size, media type, fingerprint, playing time, and where each is from.
 * Throws a `SourceError`.
 */
export async function inspectSource(
  uri: string,
  options: SourceOptions = {},
  wanted: WantedMedia = {},
): Promise<SourceDescription> {
  const source = await openSource(uri, options);
  try {
    const { fileName, sizeBytes, fingerprint, isPublic, readsRanges, declaredMediaType: declared } = source;
    if (wanted.inParts === true && !readsRanges) throw new SourceError('refused', `${redactUri(uri)} ${noRanges}`);
    const signal = options.signal ?? new AbortController().signal;
    const readHead = () => buffer(source.read({ start: 0, end: Math.min(headBytes, sizeBytes) }, signal));
    const { formats } = wanted;
    const isWanted = formats && ((mediaType: string) => formats.some((format) => format === formatOf(mediaType)));
    const clues = { given: wanted.mediaType, declared, name: fileName, readHead };
    const { mediaType, from } = await findMediaType(clues, isWanted);
    const given = wanted.durationSeconds;
    const durationSeconds = given ?? (await readDurationSeconds(source, mediaType, options.signal));
    const facts = {
      ...(from === null ? {} : { mediaType: from }),
      ...(durationSeconds === null ? {} : { durationSeconds: given === undefined ? ('content' as const) : 'given' }),
    } satisfies SourceDescription['facts'];
    return { uri, fileName, sizeBytes, mediaType, fingerprint, durationSeconds, facts, isPublic };
  } finally {
    await source.close();
  }
}
