/** The file name of a source URI for people: its last path segment, without query and fragment; in S3 as the key is. */
export function sourceName(uri: string): string {
  if (/^s3:/i.test(uri)) return uri.slice(uri.lastIndexOf('/') + 1) || 'media';
  const path = uri.replace(/[?#].*$/s, '');
  const name = path.slice(path.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(name) || 'media';
  } catch {
    return name;
  }
}

/** What a job is given to read, for people: the first name, and how many more; of whatever it is given. */
export function describeSources(source: unknown): string {
  const [first, ...rest] = Array.isArray(source) ? (source as unknown[]) : [source];
  const name = typeof first === 'string' ? sourceName(first).slice(0, 80) : 'no source';
  return rest.length === 0 ? name : `${name} and ${String(rest.length)} more`;
}
