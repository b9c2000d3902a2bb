import { openFileSource } from './file-source.ts';
import { openHttpsSource } from './https-source.ts';
import type { MediaSource, SourceOptions } from './media-source.ts';
import { SourceError } from './source-error.ts';
import { parseSourceUri, redactUri } from './source-uri.ts';

// Version 0.1 wrote the inode after size and time.
function withoutInode(fingerprint: string): string {
  return fingerprint.replace(/^(file-\d+--?\d+)-\d+$/, '$1');
}

/**
 * Opens a `file:` or `https:` URI (plain `http:` on this machine only, where that is allowed) for reading ranges of it;
 * throws a `SourceError` where it is refused, cannot be read, or is not the content that was expected.
 */
export async function openSource(uri: string, options: SourceOptions = {}): Promise<MediaSource> {
  options.signal?.throwIfAborted();
  const url = parseSourceUri(uri, options.allowSignedUrls ?? false);
  const source = await (url.protocol === 'file:'
    ? openFileSource(uri, url, options.roots)
    : openHttpsSource(uri, url, options));
  const { expectedFingerprint } = options;
  if (expectedFingerprint === undefined || withoutInode(expectedFingerprint) === source.fingerprint) return source;
  await source.close();
  throw new SourceError(
    'changed',
    `${redactUri(uri)} is not the content that this job began with; start a new job for the new content`,
  );
}
