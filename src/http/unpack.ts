/** A text as it reads once what was packed is not, and where each of its characters stands in the text it came from. */
export interface View {
  text: string;
  starts: number[];
  ends: number[];
}

// Those of HTML for a character that a key or a header can have, in small letters.
const entities: Readonly<Record<string, string>> = {
  ...{ excl: '!', quot: '"', num: '#', dollar: '$', percnt: '%', amp: '&', apos: "'", lpar: '(', rpar: ')' },
  ...{ ast: '*', midast: '*', plus: '+', comma: ',', hyphen: '-', dash: '-', period: '.', sol: '/', colon: ':' },
  ...{ semi: ';', lt: '<', equals: '=', gt: '>', quest: '?', commat: '@', lsqb: '[', lbrack: '[', bsol: '\\' },
  ...{ rsqb: ']', rbrack: ']', hat: '^', lowbar: '_', underbar: '_', grave: '`', diacriticalgrave: '`' },
  ...{ lcub: '{', lbrace: '{', verbar: '|', vert: '|', verticalline: '|', rcub: '}', rbrace: '}', tilde: '~' },
  ...{ nbsp: ' ', tab: ' ', newline: ' ' },
};

// Percent-encoding, backslashes as in JSON, and HTML's entities; each also where it was written several times over.
const packed =
  /%(?:25)*([0-7][\da-f])|\\+(?:u00([0-7][\da-f])|x([0-7][\da-f])|(.?))|&(?:amp;)*(?:#x0{0,6}([\da-f]{1,2})|#0{0,6}(\d{1,3})|([a-z]{2,20}));/gi;

function toPlain(match: RegExpExecArray): string | undefined {
  const [, percent, unicode, byte, escaped, hex, decimal, entity] = match;
  if (escaped !== undefined) return /[nrtfbv]/.test(escaped) ? ' ' : escaped;
  if (entity !== undefined)
    return Object.hasOwn(entities, entity.toLowerCase()) ? entities[entity.toLowerCase()] : undefined;
  const code = decimal === undefined ? parseInt(percent ?? unicode ?? byte ?? hex ?? '', 16) : Number(decimal);
  return code < 128 ? String.fromCharCode(code) : undefined;
}

function unpackOnce(view: View): View | null {
  const plain: View = { text: '', starts: [], ends: [] };
  let done = 0;
  const copyTo = (end: number) => {
    plain.text += view.text.slice(done, end);
    for (; done < end; done += 1) {
      plain.starts.push(view.starts[done] ?? 0);
      plain.ends.push(view.ends[done] ?? 0);
    }
  };
  for (const match of view.text.matchAll(packed)) {
    const character = toPlain(match);
    if (character === undefined) continue;
    copyTo(match.index);
    done += match[0].length;
    if (character === '') continue;
    plain.text += character;
    plain.starts.push(view.starts[match.index] ?? 0);
    plain.ends.push(view.ends[done - 1] ?? 0);
  }
  if (done === 0) return null;
  copyTo(view.text.length);
  return plain;
}

// Of each kind put into the others.
const mostLayers = 8;

/** A text as it stands, and as it reads with one layer after the other unpacked, whatever it was packed in. */
export function unpack(text: string): [View, ...View[]] {
  const places = Array.from({ length: text.length }, (_, index) => index);
  const views: [View, ...View[]] = [{ text, starts: places, ends: places.map((place) => place + 1) }];
  for (let next = unpackOnce(views[0]); next !== null && views.length <= mostLayers; next = unpackOnce(next))
    views.push(next);
  return views;
}

/** The same without the characters that do not fit. */
export function only({ text, starts, ends }: View, fits: RegExp): View {
  const kept = Array.from(starts.keys()).filter((index) => fits.test(text.charAt(index)));
  return {
    text: kept.map((index) => text.charAt(index)).join(''),
    starts: kept.map((index) => starts[index] ?? 0),
    ends: kept.map((index) => ends[index] ?? 0),
  };
}
