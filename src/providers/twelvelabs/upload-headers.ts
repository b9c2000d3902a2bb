// What a part must be sent with is handed out once, with the session, and has to outlive a worker, so it is kept in
// the job's history: only headers that say how to store a part are, and nothing that could be a credential.
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

/** Parts a session's `upload_headers` into those that may be kept and the names of the others. */
export function sortUploadHeaders(headers: Record<string, string>): {
  kept: Record<string, string>;
  left: string[];
} {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const kept = Object.fromEntries(entries.filter(([name]) => harmless.includes(name)));
  return { kept, left: entries.map(([name]) => name).filter((name) => !harmless.includes(name)) };
}
