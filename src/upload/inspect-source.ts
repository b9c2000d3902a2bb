import { readDurationSeconds } from './media-duration.ts';
import type { SourceDescription, SourceOptions } from './media-source.ts';
import { openSource } from './open-source.ts';

/** Looks at a source without reading it whole: size, media type, fingerprint, playing time. Throws a `SourceError`. */
export async function inspectSource(uri: string, options: SourceOptions = {}): Promise<SourceDescription> {
  const source = await openSource(uri, options);
  try {
    const { fileName, sizeBytes, mediaType, fingerprint } = source;
    const durationSeconds = await readDurationSeconds(source, options.signal);
    return { uri, fileName, sizeBytes, mediaType, fingerprint, durationSeconds };
  } finally {
    await source.close();
  }
}
