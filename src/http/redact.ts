import { only, unpack, type View } from './unpack.ts';

const longestWords = 300;
// What is read of a text that others wrote; the patterns are slow on hostile text of megabytes.
const longestRead = 4000;
const longestScanned = 1024 * 1024;
// Of a key, six for each character in most ways of packing it.
const longestEscape = 12;
// More than a way of writing one character that was cut through.
const longestRest = 64;

// What was taken out already stays as it is.
const value = String.raw`(?<secret>(?!\[redacted\])[^\s"',;<>}\]&\\]+)`;
const names = String.raw`x-api-key|api[-_]?key|x-amz-[a-z-]+|x-goog-[a-z-]+|signature|secret|token|\bsig`;
const schemes = 'bearer|basic|token|digest|apikey|key';
// Between a name and its value, which may be the first of a list, or the next in a list of both.
const is = String.raw`(?:["'\]]{0,3}\s*[:=]\s*(?:["'(]|\[(?!redacted\])){0,3}|["'],\s*["'])`;
const scheme = String.raw`[a-z][a-z\d+.-]{0,20}:\/\/`;

const patterns: readonly RegExp[] = [
  String.raw`${scheme}(?<secret>[^\s"'<>/?#@]*)@`,
  // Presigned URLs are bearer secrets: what follows the question mark never leaves the activity.
  String.raw`${scheme}[^\s"'<>?#]+[?#](?<secret>[^\s"'<>]*)`,
  // Storage repeats the signature that it refuses.
  String.raw`<(?:signature\w*|stringtosign\w*|canonicalrequest\w*|awsaccesskeyid)>(?<secret>[^<]*)`,
  String.raw`authorization${is}(?:(?:${schemes})\s+)?(?!(?:${schemes})\s)${value}`,
  String.raw`\b(?:bearer|basic)\s+${value}`,
  String.raw`(?:${names})${is}(?!bearer |basic )${value}`,
  String.raw`\b(?<secret>eyJ[\w-]{8,}(?:\.[\w-]*)*)`,
].map((pattern) => new RegExp(pattern, 'dgi'));

type Range = readonly [start: number, end: number];

function* findText(text: string, wanted: string): Generator<Range> {
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) yield [at, at + wanted.length];
}

function* findPatterns({ text }: View): Generator<Range> {
  for (const pattern of patterns) {
    for (const { indices } of text.matchAll(pattern)) {
      const found = indices?.groups?.['secret'];
      if (found !== undefined) yield found;
    }
  }
}

const toSmall = (text: string) => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

/** The three ways in which base64 writes a text, by what stands before it, without what depends on the neighbours. */
function base64Cores(secret: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
    const written = bytes.toString('base64').replaceAll('=', '');
    const core = written.slice([0, 2, 3][before], bytes.length % 3 === 0 ? undefined : -1);
    return core.length < 8 ? [] : [core];
  });
}

const isJoined = (view: View, index: number) => view.starts[index] === view.ends[index - 1];

/** Finds what is in base64, also for addresses; with the up to three characters on both sides that belong to it. */
function* findCore(view: View, core: string): Generator<Range> {
  const text = view.text.replaceAll('-', '+').replaceAll('_', '/');
  for (const [start, end] of findText(text, core)) {
    let [from, to] = [start, end];
    while (from > Math.max(0, start - 3) && isJoined(view, from) && /[\w+/]/.test(text.charAt(from - 1))) from -= 1;
    while (to < end + 3 && isJoined(view, to) && /[\w+/]/.test(text.charAt(to))) to += 1;
    while (isJoined(view, to) && text.charAt(to) === '=') to += 1;
    yield [from, to];
  }
}

/** Every place of a text where a secret stands, in whatever it is packed. */
function findSecrets(views: readonly View[], secrets: readonly string[]): Range[] {
  const wanted = new Set(secrets.flatMap((secret) => unpack(toSmall(secret)).map(({ text }) => text)));
  const cores = secrets.flatMap(base64Cores);
  const toSource = ({ starts, ends }: View, found: Iterable<Range>) =>
    Array.from(found, ([start, end]): Range => [starts[start] ?? 0, ends[end - 1] ?? 0]);
  return views.flatMap((view) => {
    const [small, unbroken] = [toSmall(view.text), only(view, /[^\s\p{Cc}]/u)];
    return [
      ...toSource(view, findPatterns(view)),
      ...[...wanted].flatMap((each) => toSource(view, findText(small, each))),
      ...cores.flatMap((core) => toSource(unbroken, findCore(unbroken, core))),
    ];
  });
}

/** Where a text that goes on must be cut so that nothing of a secret is left that goes on behind its end. */
function cutBefore(views: readonly View[], longestSecret: number): number {
  const { starts } = only(views.at(-1) ?? { text: '', starts: [], ends: [] }, /[^\s\p{Cc}]/u);
  return starts[Math.max(0, starts.length - 2 * longestSecret - longestRest)] ?? 0;
}

/**
 * Takes secrets out of text that others wrote: the given ones, whatever of them follows a dot, and whatever looks like
 * a key, a token or a signed URL, also percent-encoded, escaped as in JSON or HTML, or in base64; cuts what is left to
 * 300 characters on one line. The one place where provider words become ours.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  const given = secrets.flatMap((secret) => [
    ...(secret.length < 4 ? [] : [secret]),
    ...secret
      .split('.')
      .slice(1)
      .filter((part) => part.length >= 8),
  ]);
  const longestSecret = Math.max(0, ...given.map(({ length }) => length));
  const head = text.slice(0, longestScanned);
  const line = head.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  const read = line.slice(0, longestRead + longestEscape * longestSecret);
  const views = unpack(read);
  const isCut = read.length < line.length || head.length < text.length;
  const end = isCut ? cutBefore(views, longestSecret) : read.length;
  let [clean, done] = ['', 0];
  for (const [from, to] of findSecrets(views, given).sort(([one], [other]) => one - other)) {
    if (to <= from || from >= end) continue;
    if (from > done || done === 0) clean += `${read.slice(done, from)}[redacted]`;
    done = Math.max(done, to);
  }
  clean += read.slice(done, end);
  if (clean.length > longestWords) clean = `${clean.slice(0, longestWords - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
  return clean.toWellFormed();
}
