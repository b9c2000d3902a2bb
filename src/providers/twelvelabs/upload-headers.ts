// What a part must be sent with is handed out once, with the session, and has to outlive a worker, so it is kept in the
// job's history: these say how to store a part and are kept as they are; any other may be a credential, and is sealed.
const harmless = [
  'content-type',
  'cache-control',
  'x-amz-acl',
  'x-amz-storage-class',
  'x-amz-server-side-encryption',
  'x-goog-storage-class',
  'x-ms-blob-type',
  'x-ms-version',
];

/** What parts must be sent with, as history may keep it. */
export interface KeptHeaders {
  partHeaders: Record<string, string>;
  /** The headers that may be secret, sealed; absent where there are none. */
  sealedHeaders?: string;
}

/** Makes a session's `upload_headers` fit to be kept. */
export function keepHeaders(headers: Record<string, string>, seal: (text: string) => string): KeptHeaders {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const partHeaders = Object.fromEntries(entries.filter(([name]) => harmless.includes(name)));
  const others = entries.filter(([name]) => !harmless.includes(name));
  return others.length === 0 ? { partHeaders } : { partHeaders, sealedHeaders: seal(JSON.stringify(others)) };
}

/** All of a session's `upload_headers` again; `null` where they were sealed with a key that has been replaced. */
export function restoreHeaders(
  { partHeaders, sealedHeaders }: KeptHeaders,
  open: (sealed: string) => string | null,
): Record<string, string> | null {
  if (sealedHeaders === undefined) return partHeaders;
  const opened = open(sealedHeaders);
  if (opened === null) return null;
  return { ...partHeaders, ...Object.fromEntries(JSON.parse(opened) as [string, string][]) };
}
