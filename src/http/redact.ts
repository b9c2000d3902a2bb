const longestWords = 300;

const secretPatterns: readonly [RegExp, string][] = [
  // Presigned URLs are bearer secrets: what follows the question mark never leaves the activity.
  [/(https?:\/\/[^\s"'<>?#]+)[?#][^\s"'<>]*/gi, '$1?[redacted]'],
  [/\b(bearer|basic)\s+[^\s"',;<>}\]]+/gi, '$1 [redacted]'],
  [
    /(["']?(?:x-api-key|api[-_]?key|authorization|x-amz-[a-z-]+|x-goog-[a-z-]+|signature|secret|token)["']?\s*[:=]\s*["']?)(?!bearer |basic )[^\s"',;<>}\]&]+/gi,
    '$1[redacted]',
  ],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '[redacted]'],
];

/**
 * Takes secrets out of text that others wrote: the given ones literally, and whatever looks like a key, a token
 * or a signed URL; cuts what is left to 300 characters. The one place where provider words become ours.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length >= 4) clean = clean.replaceAll(secret, '[redacted]');
  }
  for (const [pattern, replacement] of secretPatterns) clean = clean.replaceAll(pattern, replacement);
  clean = clean.replaceAll(/\s+/g, ' ').trim();
  return clean.length > longestWords ? `${clean.slice(0, longestWords - 1)}…` : clean;
}
