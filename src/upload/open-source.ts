import { openFileSource } from './file-source.ts';
import { openHttpsSource } from './https-source.ts';
import type { MediaSource, SourceOptions } from './media-source.ts';
import { SourceError } from './source-error.ts';
import { openThrough } from './open-through.ts';
import { parseSourceUri, redactUri } from './source-uri.ts';

// Version 0.1 wrote the inode after size and time.
function withoutInode(fingerprint: string): string {
  return fingerprint.replace(/^(file-\d+--?\d+)-\d+$/, '$1');
}

async function openByScheme(uri: string, url: URL, options: SourceOptions): Promise<MediaSource> {
  const { protocol } = url;
  if (protocol === 'file:') return openFileSource(uri, url, options.roots);
  if (protocol === 'https:' || protocol === 'http:') return openHttpsSource(uri, url, options);
  const { openers = {} } = options;
  const open = Object.hasOwn(openers, protocol) ? openers[protocol] : undefined;
  if (open !== undefined) return openThrough(open, uri, options);
  const others = Object.keys(openers).map((scheme) => `, ${scheme}`);
  throw new SourceError(
    'refused',
    `${redactUri(uri)} is of a kind that this worker does not read; it reads file:, https:${others.join('')}, ` +
      `and others that it is started with as sources: { '${protocol}': … }`,
  );
}

/**
 * Opens a `file:` or `https:` URI (plain `http:` on this machine only, where that is allowed), or one of a scheme that
 * has an opener, for reading ranges of it; throws a `SourceError` where it is refused, cannot be read, or is not the
 * content that was expected.
 */
export async function openSource(uri: string, options: SourceOptions = {}): Promise<MediaSource> {
  options.signal?.throwIfAborted();
  const url = parseSourceUri(uri, options.allowSignedUrls ?? false);
  const source = await openByScheme(uri, url, options);
  const { expectedFingerprint } = options;
  if (expectedFingerprint === undefined || withoutInode(expectedFingerprint) === source.fingerprint) return source;
  await source.close();
  throw new SourceError(
    'changed',
    `${redactUri(uri)} is not the content that this job began with; start a new job for the new content`,
  );
}
