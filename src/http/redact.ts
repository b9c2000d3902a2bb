const longestWords = 300;
// What is read of a provider's text; the patterns are slow on hostile text of megabytes.
const longestRead = 4000;

// Quotes as they stand in JSON, also in JSON within a text.
const quote = String.raw`\\*["']?`;
const value = String.raw`[^\s"',;<>}\]&\\]+`;
const names = String.raw`x-api-key|api[-_]?key|x-amz-[a-z-]+|x-goog-[a-z-]+|signature|secret|token|\bsig`;
const schemes = 'bearer|basic|token|digest|apikey|key';

const secretPatterns: readonly [RegExp, string][] = [
  [/(https?:\/\/)[^\s"'<>/?#@]*@/gi, '$1[redacted]@'],
  // Presigned URLs are bearer secrets: what follows the question mark never leaves the activity.
  [/(https?:\/\/[^\s"'<>?#]+)[?#][^\s"'<>]*/gi, '$1?[redacted]'],
  // Storage repeats the signature that it refuses.
  [/(<(?:signature\w*|stringtosign\w*|canonicalrequest\w*|awsaccesskeyid)>)[^<]*/gi, '$1[redacted]'],
  [new RegExp(`(authorization${quote}\\s*[:=]\\s*${quote}(?:(?:${schemes})\\s+)?)${value}`, 'gi'), '$1[redacted]'],
  [new RegExp(`\\b(bearer|basic)\\s+${value}`, 'gi'), '$1 [redacted]'],
  [new RegExp(`((?:${names})${quote}\\s*[:=]\\s*${quote})(?!bearer |basic )${value}`, 'gi'), '$1[redacted]'],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '[redacted]'],
];

/**
 * Takes secrets out of text that others wrote: the given ones literally, and whatever looks like a key, a token
 * or a signed URL; cuts what is left to 300 characters on one line. The one place where provider words become ours.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length >= 4) clean = clean.replaceAll(secret, '[redacted]');
  }
  clean = clean
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, longestRead);
  for (const [pattern, replacement] of secretPatterns) clean = clean.replaceAll(pattern, replacement);
  if (clean.length > longestWords) clean = `${clean.slice(0, longestWords - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
  return clean.toWellFormed();
}
