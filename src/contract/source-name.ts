/** The file name of a source URI for people: its last path segment, without query and fragment. */
export function sourceName(uri: string): string {
  const path = uri.replace(/[?#].*$/s, '');
  const name = path.slice(path.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(name) || 'media';
  } catch {
    return name;
  }
}
