/** What a provider writes about an error, whose shape is often not published, in words; `null` where it says nothing. */
export function readWords(error: unknown): string | null {
  if (typeof error === 'string') return error.trim() === '' ? null : error;
  if (Array.isArray(error))
    return (
      error
        .map(readWords)
        .filter((words) => words !== null)
        .join('; ') || null
    );
  if (typeof error !== 'object' || error === null) return null;
  const message = 'message' in error && typeof error.message === 'string' ? readWords(error.message) : null;
  return message ?? (Object.keys(error).length === 0 ? null : writeOut(error));
}

// What can be parsed can be nested more deeply than can be written.
function writeOut(error: object): string {
  try {
    return JSON.stringify(error);
  } catch {
    return 'an error without words';
  }
}
