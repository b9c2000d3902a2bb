import type { Dispatcher } from 'undici';

/** What an answer's headers tell of the content it is a part of; null where they do not tell. */
export interface ContentVersion {
  /** Size of the whole content, also when the answer holds a part of it. */
  sizeBytes: number | null;
  etag: string | null;
  lastModified: string | null;
}

/** The bytes that a 206 answer says it holds. */
export interface ContentRange {
  start: number;
  /** Exclusive, unlike in the header. */
  end: number;
  sizeBytes: number | null;
}

type Headers = Dispatcher.ResponseData['headers'];

/** The first value of a header, or null; `name` in lower case. */
export function headerOf(headers: Headers, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** Reads `Content-Range` (RFC 9110, 14.4) of a 206 answer; null where there is none or it is malformed. */
export function readContentRange(headers: Headers): ContentRange | null {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(headerOf(headers, 'content-range')?.trim() ?? '');
  if (match === null) return null;
  const [, first, last, total] = match;
  return { start: Number(first), end: Number(last) + 1, sizeBytes: total === '*' ? null : Number(total) };
}

/** Reads which version of the content an answer with status 200, 206 or 416 belongs to. */
export function readContentVersion(statusCode: number, headers: Headers): ContentVersion {
  const total = /^bytes (?:\d+-\d+|\*)\/(\d+)$/i.exec(headerOf(headers, 'content-range')?.trim() ?? '')?.[1] ?? null;
  const length = statusCode === 200 ? headerOf(headers, 'content-length') : total;
  return {
    sizeBytes: length === null ? null : Number(length),
    etag: headerOf(headers, 'etag'),
    lastModified: headerOf(headers, 'last-modified'),
  };
}

/** The fingerprint of a version whose size is known. */
export function fingerprintVersion(version: ContentVersion): string {
  return ['https', version.sizeBytes, opaqueOf(version.etag) ?? version.lastModified ?? 'unversioned'].join('-');
}

const isNoOther = <T>(one: T | null, other: T | null) => one === null || other === null || one === other;

// Whether the weakness is told depends on who answers (RFC 9110, 8.8.3.2).
const opaqueOf = (etag: string | null) => etag?.replace(/^W\//, '') ?? null;

/** Whether both answers are of the same content, as far as they tell: by ETag where both have one, else by time. */
export function isSameVersion(one: ContentVersion, other: ContentVersion): boolean {
  if (!isNoOther(one.sizeBytes, other.sizeBytes)) return false;
  // Behind one name there may be mirrors, each with times of its own.
  if (one.etag !== null && other.etag !== null) return opaqueOf(one.etag) === opaqueOf(other.etag);
  return isNoOther(one.lastModified, other.lastModified);
}

/** The value for `If-Range`, or null where the version has no strong ETag (RFC 9110, 13.1.5). */
export function strongEtagOf(version: ContentVersion): string | null {
  return version.etag?.startsWith('"') === true ? version.etag : null;
}
