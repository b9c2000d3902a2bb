const longestWords = 300;
// What is read of a text that others wrote; the patterns are slow on hostile text of megabytes.
const longestRead = 4000;
const longestScanned = 1024 * 1024;
const longestEscape = 12;

// Quotes as they stand in JSON, also in JSON within a text.
const quote = String.raw`\\*["']?`;
// What was taken out already stays as it is.
const value = String.raw`(?!\[redacted\])[^\s"',;<>}\]&\\]+`;
const names = String.raw`x-api-key|api[-_]?key|x-amz-[a-z-]+|x-goog-[a-z-]+|signature|secret|token|\bsig`;
const schemes = 'bearer|basic|token|digest|apikey|key';

const secretPatterns: readonly [RegExp, string][] = [
  [/(https?:\/\/)[^\s"'<>/?#@]*@/gi, '$1[redacted]@'],
  // Presigned URLs are bearer secrets: what follows the question mark never leaves the activity.
  [/(https?:\/\/[^\s"'<>?#]+)[?#][^\s"'<>]*/gi, '$1?[redacted]'],
  // Storage repeats the signature that it refuses.
  [/(<(?:signature\w*|stringtosign\w*|canonicalrequest\w*|awsaccesskeyid)>)[^<]*/gi, '$1[redacted]'],
  [
    new RegExp(`(authorization${quote}\\s*[:=]\\s*${quote}(?:(?:${schemes})\\s+)?)(?!(?:${schemes})\\s)${value}`, 'gi'),
    '$1[redacted]',
  ],
  [new RegExp(`\\b(bearer|basic)\\s+${value}`, 'gi'), '$1 [redacted]'],
  [new RegExp(`((?:${names})${quote}\\s*[:=]\\s*${quote})(?!bearer |basic )${value}`, 'gi'), '$1[redacted]'],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '[redacted]'],
];

/** What percent-encoding and JSON write for a character that needs it, undone however often one was put into the other. */
function unpack(text: string): string {
  const toPlain = (packed: string, hex: string) => {
    const character = String.fromCharCode(parseInt(hex, 16));
    // Not what ends an address or a value for the patterns.
    return /[!#-&(-;=?-~]/.test(character) ? character : packed;
  };
  let plain = text;
  for (let layer = 0; layer < 3; layer += 1) {
    plain = plain
      .replaceAll(/%(?:25)*([2-7][\da-f])/gi, toPlain)
      .replaceAll(/\\{1,8}u00([2-7][\da-f])/gi, toPlain)
      .replaceAll(/\\{1,8}\//g, '/');
  }
  return plain;
}

/** A text, each character also as percent-encoding, JSON and HTML write it, however often one was put into the other. */
function packedPattern(secret: string): RegExp {
  const backslash = String.raw`(?:\\|%(?:25)*5c)`;
  const percent = `(?:%|${backslash}{1,8}u0025)(?:25)*`;
  const characters = Array.from(secret, (character) => {
    const hex = character.charCodeAt(0).toString(16).padStart(2, '0');
    const plain = `[${character.replace(/[\\\]^-]/, '\\$&')}]`;
    const packed = `${percent}${hex}|${backslash}{1,8}u00${hex}`;
    if (/\w/.test(character)) return `(?:${plain}|${packed})`;
    return `(?:${backslash}{0,8}${plain}|${packed}|&#(?:x0*${hex}|0*${String(character.charCodeAt(0))});|&\\w{2,4};)`;
  });
  return new RegExp(characters.join(''), 'gi');
}

/** The three ways in which base64 (also its form for addresses) writes a text, by what stands before it. */
function base64Patterns(secret: string): RegExp[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
    // The first and last characters depend on the neighbours too.
    const core = bytes
      .toString('base64')
      .replaceAll('=', '')
      .slice([0, 2, 3][before], bytes.length % 3 === 0 ? undefined : -1);
    const pattern = core.replaceAll('+', '[+-]').replaceAll('/', '[/_]');
    return core.length < 8 ? [] : [new RegExp(`[\\w+/-]{0,3}${pattern}[\\w+/-]{0,3}={0,2}`, 'g')];
  });
}

/**
 * Takes secrets out of text that others wrote: the given ones, whatever of them follows a dot, and whatever looks like
 * a key, a token or a signed URL, also percent-encoded, escaped as in JSON, or in base64; cuts what is left to 300
 * characters on one line. The one place where provider words become ours.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  const given = secrets.flatMap((secret) => [
    ...(secret.length < 4 ? [] : [secret]),
    ...secret
      .split('.')
      .slice(1)
      .filter((part) => part.length >= 8),
  ]);
  const patterns = given.flatMap((secret) => [packedPattern(secret), ...base64Patterns(secret)]);
  const takeOut = (words: string) => {
    let clean = words;
    for (const pattern of patterns) clean = clean.replaceAll(pattern, '[redacted]');
    for (const [pattern, replacement] of secretPatterns) clean = clean.replaceAll(pattern, replacement);
    return clean;
  };
  const longestSecret = Math.max(0, ...given.map(({ length }) => length));
  const head = text.slice(0, longestScanned);
  const line = head.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  const read = line.slice(0, longestRead + longestEscape * longestSecret);
  const once = takeOut(read);
  const plain = unpack(once);
  const twice = takeOut(plain);
  let clean = twice === plain ? once : twice;
  // A secret may be cut through there.
  const isCut = read.length < line.length || head.length < text.length;
  if (isCut) clean = clean.slice(0, Math.max(0, clean.length - 2 * longestSecret - longestEscape));
  if (clean.length > longestWords) clean = `${clean.slice(0, longestWords - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
  return clean.toWellFormed();
}
