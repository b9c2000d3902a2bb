import { normalize, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isS3Uri, parseS3Uri, s3Form } from '../s3/s3-uri.ts';
import { SourceError } from './source-error.ts';

const signatureParameter = /^x-(amz|goog)-|(^|[-_])(sig|signature|token)$/i;
const loopbackHost = /^(localhost|127(\.\d+){3}|\[::1\])$/;
// What everybody on the way could read.
const unencrypted = new Set(['http:', 'ftp:', 'ws:']);

/** Whether the query of `uri` carries a signature or token (`X-Amz-*`, `X-Goog-*`, `sig`, `signature`, `token`, any case); the key of an object in S3 has no query. */
export function isSignedUrl(uri: string): boolean {
  return (
    !isS3Uri(uri) &&
    URL.canParse(uri) &&
    [...new URL(uri).searchParams.keys()].some((name) => signatureParameter.test(name))
  );
}

/**
 * The URI without user name, password, query and fragment: what may stand in a log or a message. The key of an object in
 * S3 has neither of the latter.
 */
export function redactUri(uri: string): string {
  const withoutQuery = isS3Uri(uri) ? uri : uri.replace(/[?#].*$/s, '');
  // URL parsers also take backslashes, or none, for the slashes, and drop tabs, line breaks and what comes before.
  const written = withoutQuery.replace(/^[\p{Cc} ]+/u, '').replaceAll(/[\t\n\r]/g, '');
  return written.replace(/^([a-z][a-z0-9+.-]*:[\\/]*)[^\\/]*@/i, '$1');
}

/**
 * One spelling for all that mean the same media: of scheme and host, slashes, dots, percent signs and fragments; what
 * the rest of another scheme's address means is for who reads it to say.
 */
export function canonicalUri(uri: string): string {
  if (!URL.canParse(uri)) return uri;
  const url = new URL(uri);
  if (!/^(file|https?):$/.test(url.protocol)) return url.protocol + uri.slice(uri.indexOf(':') + 1);
  url.hash = '';
  if (url.protocol === 'file:') return canonicalFileUri(url);
  // What need not be encoded is as good without (RFC 3986, section 6.2.2).
  return url.href.replaceAll(/%[0-9a-f]{2}/gi, (code) => {
    const character = String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return /[\w.~-]/.test(character) ? character : code.toUpperCase();
  });
}

/** One spelling of a file's address, however much of its path is encoded: what path it means is what counts. */
function canonicalFileUri(url: URL): string {
  url.search = '';
  try {
    return pathToFileURL(normalize(fileURLToPath(url))).href;
  } catch {
    // Of another machine, or with an encoded slash: nothing that can be read here.
    return url.href;
  }
}

/** Turns a path of a command line into a `file:` URI; what is a URI already passes unchanged. */
export function toSourceUri(pathOrUri: string, cwd: string): string {
  if (pathOrUri.trim() === '' || /^([a-z][a-z0-9+.-]*:\/\/|file:)/i.test(pathOrUri)) return pathOrUri;
  return pathToFileURL(resolve(cwd, pathOrUri)).href;
}

/** Whether requests may go to `url`: https, or plain http on this machine. */
export function isAllowedHttpUrl(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopbackHost.test(url.hostname));
}

/**
 * Whether workers can be made to read addresses of this kind, `scheme://…`: by `s3:`, or by a scheme that they were
 * given an opener for. Never what goes over the network in the clear.
 */
export function isOpenersUri(uri: string): boolean {
  const [scheme] = /^[a-z][a-z\d+.-]+:(?=\/\/[^/])/i.exec(uri) ?? [];
  return scheme !== undefined && !/^(file|https):$/i.test(scheme) && !unencrypted.has(scheme.toLowerCase());
}

/** Parses a source's URI; throws a `SourceError` of kind `refused` for one that is not accepted. */
export function parseSourceUri(uri: string, allowSignedUrls: boolean): URL {
  const refuse = (message: string): never => {
    throw new SourceError('refused', message);
  };
  const shown = redactUri(uri);
  if (!URL.canParse(uri)) refuse(`${shown} is not a URI; give a file:, https: or s3: URI`);
  const url = new URL(uri);
  if (url.protocol === 'file:') return parseFileUri(uri, url, refuse);
  if (isS3Uri(uri)) {
    if (/^s3:\/\/[^/]*@/i.test(uri)) refuse(credentialsWords(shown));
    if (parseS3Uri(uri) === null) refuse(`${shown} names no object; write ${s3Form}`);
  } else if (!isAllowedHttpUrl(url) && !isOpenersUri(uri)) {
    refuse(`${shown} is not accepted as a source; give a file:, https: or s3: URI`);
  }
  if (url.username !== '' || url.password !== '') {
    refuse(credentialsWords(shown));
  }
  if (!allowSignedUrls && isSignedUrl(uri)) {
    refuse(
      `the query of ${shown} carries a signature, which would be kept in the job's history; ` +
        'give a file: URI or a plain https: URI, or turn on payload encryption',
    );
  }
  return url;
}

const credentialsWords = (shown: string) =>
  `${shown} has a user name or password in it, which would be kept in the job's history; leave them out`;

function parseFileUri(uri: string, url: URL, refuse: (message: string) => never): URL {
  const shown = redactUri(uri);
  // The URL parser turns the relative `file:a.wav` into `/a.wav` without a word, and cuts a name at an unencoded `?` or `#`.
  if (!/^file:(\/\/(localhost)?)?\/(?!\/)/i.test(uri)) refuse(`${shown} is not absolute; write file:///path/to/media`);
  if (url.search !== '' || url.hash !== '') refuse(`${shown} is cut at a ? or #; write them as %3F and %23`);
  return url;
}
