/** What names bytes beyond doubt. */
export interface MediaBytes {
  /** In hexadecimal. */
  sha256: string;
  sizeBytes: number;
}

/** A piece of media: its bytes, or its address where nobody reads them. */
export type Media = MediaBytes | { url: string };

/** What a result is made of: the media as the provider took it, and every id of the job by the provider's own name. */
export interface Origin {
  media: Media;
  ids: Record<string, string>;
}

/** What names these bytes, and nothing else that is known of them. */
export function mediaOf({ sha256, sizeBytes }: MediaBytes): MediaBytes {
  return { sha256, sizeBytes };
}

/** The words by which every readable result names its media: `sha256 <64 hexadecimal digits> bytes <n>`. */
export function mediaWords(media: Media): string {
  return 'url' in media ? `url ${media.url}` : `sha256 ${media.sha256} bytes ${String(media.sizeBytes)}`;
}

/** A sentence that names the media and the ids. */
export function originSentence({ media, ids }: Origin): string {
  const named = Object.entries(ids).map(([name, id]) => `${name} ${id}`);
  return `This is ${[mediaWords(media), ...named].join(', ')}.`;
}

/** The fields by which every JSON result names the media and the ids, beyond what the vendor documents. */
export function originFields({ media, ids }: Origin): Record<string, unknown> {
  return { ids, media: 'url' in media ? media : { sha256: media.sha256, size_bytes: media.sizeBytes } };
}
