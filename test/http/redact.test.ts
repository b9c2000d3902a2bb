import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { redact } from '../../src/http/redact.ts';
import { unpack } from '../../src/http/unpack.ts';

const secret = 'SECRETpart';
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJTRUNSRVRwYXJ0In0.SECRETpart';

describe('redact', () => {
  test.each([
    ['a bearer token', `the header Authorization: Bearer id.${secret} was refused`],
    ['a bearer token in small letters', `bearer ${secret}`],
    ['basic authorization', `Authorization: Basic ${secret}==`],
    ['a token scheme of its own', `Authorization: Token ${secret}`],
    ['x-api-key', `x-api-key: tlk_${secret}`],
    ['x-api-key in JSON', `{"x-api-key":"tlk_${secret}","status":401}`],
    ['api_key in JSON', `{ "api_key" : "${secret}" }`],
    ['JSON inside a JSON text', `{"detail":"{\\"token\\":\\"${secret}\\"}"}`],
    ['apiKey in a query without an address', `retry with apiKey=${secret}&page=1`],
    ['a presigned S3 address', `PUT https://b.s3.amazonaws.com/k?X-Amz-Credential=${secret}&X-Amz-Signature=${secret}`],
    ['a presigned GCS address', `https://storage.googleapis.com/b/k?X-Goog-Signature=${secret} expired`],
    ['a presigned Azure address', `<https://a.blob.core.windows.net/c/k?sv=2024&sig=${secret}>`],
    ['an address in a JSON text', `{"url":"https://cdn.example/a?Signature=${secret}&Expires=1"}`],
    ['a fragment', `see https://app.example/callback#access_token=${secret}`],
    ['a query without an address', `SignatureDoesNotMatch for X-Amz-Signature=${secret}&X-Amz-Expires=1`],
    ['an Azure query without an address', `signed ?sv=2024&sig=${secret}`],
    [
      'the XML of S3',
      `<Error><SignatureProvided>${secret}</SignatureProvided><AWSAccessKeyId>${secret}</AWSAccessKeyId></Error>`,
    ],
    ['the user of an address', `https://me:${secret}@files.example/a.wav`],
    ['a JWT', `token of ${jwt} is not valid`],
    ['a given key', `key ${secret} is unknown`],
  ])('takes out %s', (_what, text) => {
    const clean = redact(text, [secret]);
    expect(clean).not.toContain(secret);
    expect(clean).toContain('[redacted]');
  });

  test.each([
    ['a bearer token', `Bearer ${secret}`],
    ['x-api-key in JSON', `{"x-api-key":"${secret}"}`],
    ['JSON inside a JSON text', `{"detail":"{\\"token\\":\\"${secret}\\"}"}`],
    ['a token scheme of its own', `Authorization: Token ${secret}`],
    ['a presigned address', `https://b.example/k?X-Amz-Signature=${secret}`],
    ['an Azure query without an address', `signed ?sv=2024&sig=${secret}`],
    ['the XML of S3', `<SignatureProvided>${secret}</SignatureProvided><AWSAccessKeyId>${secret}</AWSAccessKeyId>`],
    ['the user of an address', `https://me:${secret}@files.example/a.wav`],
    ['the user of an address of another kind', `ftp://me:${secret}@files.example/a.wav`],
    ['a header in a list, as JSON has it', `{"X-Api-Key":["tlk_${secret}"],"Authorization":["Bearer ${secret}"]}`],
    ['a header in a list, as Go has it', `map[Authorization:[Bearer ${secret}] X-Api-Key:[tlk_${secret}]]`],
    ['a header beside its name', `["x-api-key","tlk_${secret}"], ['authorization', '${secret}']`],
    ['a token that is named', `Authorization: Token token="${secret}", realm="x"`],
    ['packed XML of S3', `\\u003cSignatureProvided\\u003e${secret}\\u003c/SignatureProvided\\u003e`],
    ['XML of S3 in HTML', `&lt;SignatureProvided&gt;${secret}&lt;/SignatureProvided&gt;`],
    ['a packed bearer token', `Bearer%20${secret} and Authorization%3A%20Token+${secret}`],
    ['a JWT', jwt],
    ['a JWT that was cut', `${'x '.repeat(1990)}${'h '.repeat(9)}eyJ${secret.repeat(20)}.`],
  ])('takes out %s although nobody gave the key', (_what, text) => {
    expect(redact(text)).not.toContain(secret);
  });

  test.each([
    'The job was not found',
    'https://api.example/v1/jobs/7 answered 404',
    'the basics of the token economy',
    'expected status: DONE',
    'a secret, a token, and what is not',
    'the tokens [1, 2]',
    'C:\\new\\talk.wav & more &c; 100%',
  ])('leaves %j alone', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('leaves out the key before it cuts', () => {
    const key = 'k'.repeat(80);
    expect(redact(`${'x'.repeat(260)}${key}`, [key])).not.toContain('kkkk');
  });

  it('does not take a key of under four characters for a secret', () => {
    expect(redact('a cat', ['a'])).toBe('a cat');
  });

  it('cuts to 300 characters and never through the middle of one', () => {
    expect(redact('x'.repeat(300))).toHaveLength(300);
    expect(redact('x'.repeat(301))).toHaveLength(300);
    expect(redact(`x${'😀'.repeat(400)}`).isWellFormed()).toBe(true);
    expect(redact('😀'.repeat(400)).isWellFormed()).toBe(true);
  });

  it('makes one line of it, without control characters', () => {
    expect(redact(' a\r\n\tb\u0000\u001b[31mc ')).toBe('a b [31mc');
  });

  it('gives at most 300 well-formed characters without the key, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 500 }),
        fc.string({ unit: 'binary', maxLength: 500 }),
        (before, after) => {
          const clean = redact(`${before}sk-live-0123456789${after}`, ['sk-live-0123456789']);
          expect(clean.length).toBeLessThanOrEqual(300);
          expect(clean.isWellFormed()).toBe(true);
          expect(clean).not.toContain('sk-live-0123456789');
        },
      ),
    );
  });

  it.each([
    `token${' '.repeat(500_000)}${'https://'.repeat(60_000)}`,
    '%25'.repeat(400_000),
    `${'\\'.repeat(16_000_000)}u0041`,
    '\\u0025'.repeat(200_000),
    'c2stbGl2ZS0w'.repeat(90_000),
    'sk-live-'.repeat(130_000),
    `&${'amp;'.repeat(250_000)}`,
    '&amp;%26amp%3B\\u0026'.repeat(50_000),
    'x-amz-'.repeat(170_000),
    'authorization: bearer '.repeat(50_000),
    `token${'["'.repeat(500_000)}`,
  ])('takes a megabyte of hostile text in its stride', (text) => {
    const started = performance.now();
    redact(text, ['sk-live-0123456789', `eyJ${'a'.repeat(1000)}.b.c`]);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

const hex = (code: number, digits: number) => code.toString(16).padStart(digits, '0');
/** The ways in which a character may stand in an address, in JSON, and in one within the other. */
const packings: readonly ((character: string) => string)[] = [
  (character) => character,
  (character) => `%${hex(character.charCodeAt(0), 2)}`,
  (character) => `%${hex(character.charCodeAt(0), 2).toUpperCase()}`,
  (character) => `%25${hex(character.charCodeAt(0), 2)}`,
  (character) => `\\u${hex(character.charCodeAt(0), 4)}`,
  (character) => `\\\\u${hex(character.charCodeAt(0), 4)}`,
  (character) => `%5Cu${hex(character.charCodeAt(0), 4)}`,
  (character) => (character === '/' ? '\\/' : character),
];
const keyCharacters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_/+=.~!$*';
const anyKey = fc.string({
  unit: fc.constantFrom(...Array.from(keyCharacters)),
  minLength: 12,
  maxLength: 60,
});

describe('a key that is packed', () => {
  test.each([
    ['percent-encoded', 'sk%2Dlive%2f0123%2B456789'],
    ['percent-encoded twice', 'sk-live%252F0123%252B456789'],
    ['escaped as in JSON', '{"e":"sk-live\\/0123\\u002b456789"}'],
    ['escaped as in JSON in JSON', '{"e":"sk-live\\\\\\/0123\\\\u002B456789"}'],
    ['written in escapes only', '\\u0073\\u006b-live/0123+456789'],
    ['in base64', `see ${Buffer.from('sk-live/0123+456789').toString('base64')} here`],
    ['in base64 for addresses', Buffer.from('sk-live/0123+456789').toString('base64url')],
    ['in basic authorization', `sent ${Buffer.from('api:sk-live/0123+456789').toString('base64')}`],
    [
      'in base64 over several lines',
      Buffer.from('x'.repeat(46) + 'sk-live/0123+456789')
        .toString('base64')
        .replaceAll(/.{16}/g, '$&\r\n'),
    ],
    [
      'in base64 over several lines of JSON',
      JSON.stringify(Buffer.from('sk-live/0123+456789').toString('base64').replaceAll(/.{7}/g, '$&\n')),
    ],
    ['in numbers of HTML', Array.from('sk-live/0123+456789', (each) => `&#${String(each.charCodeAt(0))};`).join('')],
    [
      'in hexadecimal numbers of HTML',
      Array.from('sk-live/0123+456789', (each) => `&#x${each.charCodeAt(0).toString(16)};`).join(''),
    ],
    ['in words of HTML', 'sk&hyphen;live&sol;0123&plus;456789'],
    ['in HTML in HTML', 'sk-live&amp;#x2f;0123&amp;amp;plus;456789'],
    ['in HTML in an address', 'sk-live%26sol%3B0123%2526%2343%253B456789'],
    ['in base64 within an address', encodeURIComponent(Buffer.from('me:sk-live/0123+456789:x').toString('base64'))],
  ])('is taken out: %s', (_how, text) => {
    const clean = redact(`the key ${text} is unknown`, ['sk-live/0123+456789']);
    expect(clean).toContain('[redacted]');
    expect(clean).not.toMatch(/0123|live|MDEyMz|456789/);
  });

  test.each([String.raw`a+b/c==d&e~f"g'h`, '<key>with,odd;chars!', 'back\\slash-0123'])(
    'is taken out with its quotes and brackets, however it is written: %s',
    (key) => {
      const forms = [
        ...[key, JSON.stringify(key), JSON.stringify(JSON.stringify(key)), encodeURIComponent(key)],
        ...[encodeURIComponent(encodeURIComponent(key)), new URLSearchParams({ key }).toString()],
        Array.from(key, (each) => `\\u00${each.charCodeAt(0).toString(16)}`).join(''),
        key.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
      ];
      for (const form of forms)
        expect(redact(`sent ${form} there`, [key])).toMatch(/^sent [^a-z]*(key=)?\[redacted\]["\\]* there$/);
    },
  );

  it('is taken out once, where a text went through here before', () => {
    const once = redact('authorization: Bearer sk-live-0123, x-api-key: sk-live-0123 Basic abcdefg=');
    expect(once).toBe('authorization: Bearer [redacted], x-api-key: [redacted] Basic [redacted]');
    expect(redact(once)).toBe(once);
  });

  it('is taken out in whatever mixture of forms', () => {
    fc.assert(
      fc.property(
        anyKey,
        fc.array(fc.nat({ max: packings.length - 1 }), { minLength: 60, maxLength: 60 }),
        (key, how) => {
          const packed = Array.from(key, (character, index) => packings[how[index] ?? 0]?.(character)).join('');
          expect(redact(`a${' '.repeat(3)}${packed} b`, [key])).toBe('a [redacted] b');
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is taken out of base64, whatever stands before and after it', () => {
    fc.assert(
      fc.property(
        anyKey.filter((key) => !key.includes('.')),
        fc.string({ unit: 'binary-ascii', maxLength: 7 }),
        fc.string({ unit: 'binary-ascii', maxLength: 7 }),
        fc.constantFrom('base64' as const, 'base64url' as const),
        (key, before, after, encoding) => {
          const text = Buffer.from(`${before}${key}${after}`).toString(encoding);
          const clean = redact(`x ${text}`, [key]);
          expect(clean).toContain('[redacted]');
          expect(Buffer.from(clean.replaceAll('[redacted]', '').slice(2), encoding).toString()).not.toContain(
            key.slice(3, -3),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is taken out where only the secret half is repeated, in every form', () => {
    const key = 'id7.secret-half-0123';
    const half = 'secret-half-0123';
    for (const text of [
      half,
      half.replace('-', '%2D'),
      Buffer.from(half).toString('base64'),
      `\\u0073${half.slice(1)}`,
    ]) {
      expect(redact(`got ${text}`, [key])).toBe('got [redacted]');
    }
    expect(redact('version 1.2 of the id7', ['1.2.id7'])).toBe('version 1.2 of the id7');
  });

  it.each([
    ['percent-encoded', (each: string) => `%${hex(each.charCodeAt(0), 2)}`],
    ['escaped', (each: string) => `\\u${hex(each.charCodeAt(0), 4)}`],
    ['escaped twice and percent-encoded', (each: string) => `%255C%255Cu${hex(each.charCodeAt(0), 4)}`],
    ['in numbers of HTML', (each: string) => `&amp;#${String(each.charCodeAt(0))};`],
  ])('leaves none of it where it is cut through: %s', (_how, pack) => {
    const key = 'QZ-QZQZ-0123456789-QZQZ';
    const packed = Array.from(key, pack).join('');
    for (let before = 3990; before < 4300; before += 1) {
      // So much is taken out before it that what is left comes to the end.
      const clean = redact(`token: ${'x'.repeat(before - 7)} ${packed}${'y'.repeat(9000)}`, [key]);
      for (const view of unpack(clean)) expect(view.text).not.toMatch(/QZ|0123|%|&|u00/);
    }
  });

  it('leaves none of it where a long text is cut', () => {
    const key = 'sk-live-0123456789';
    for (let at = 3950; at < 4400; at += 1) {
      const clean = redact(`${'\\u0061'.repeat(1)}${' x'.repeat(at / 2)}${key.repeat(3)}${'y'.repeat(1000)}`, [key]);
      expect(clean).not.toContain('sk-');
    }
    expect(redact(key.repeat(1000), [key])).not.toMatch(/sk|live|0123/);
    expect(redact(`${' '.repeat(2 ** 20 - 10)}${key}`, [key])).not.toMatch(/sk|live|0123/);
  });
});

describe('an address that is packed', () => {
  test.each([
    ['percent-encoded', 'next=https%3A%2F%2Fb.example%2Fk%3FX-Amz-Signature%3DSECRETpart%26X-Amz-Expires%3D1&page=2'],
    ['percent-encoded, of no known name', 'https%3a%2f%2fb.example%2fk%3fpass%3dSECRETpart'],
    ['percent-encoded twice', 'https%253A%252F%252Fb.example%252Fk%253Fpass%253DSECRETpart'],
    ['as JSON writes it', '{"url":"https:\\/\\/b.example\\/k?pass=SECRETpart\\u0026x=1"}'],
    ['with escapes for its marks', '{"url":"https:\\/\\/b.example\\/k\\u003fpass=SECRETpart"}'],
    ['as JSON in JSON writes it', '{"a":"{\\"url\\":\\"https:\\\\/\\\\/b.example\\\\/k?pass=SECRETpart\\"}"}'],
    ['with blanks in its path', 'https://b.example/a%20b%22c?pass=SECRETpart'],
    ['with its user', 'https%3A%2F%2Fme%3ASECRETpart%40b.example%2Fk'],
  ])('loses its query: %s', (_how, text) => {
    const clean = redact(text);
    expect(clean).not.toContain('SECRET');
    expect(clean).toContain('b.example');
  });

  test.each(['https://b.example/a%2Fb answered 404', 'the name is "\\u00e9t\\u00e9.wav" or 100%25', 'a\\/b'])(
    'stays as it is where nothing of it is secret: %s',
    (text) => {
      expect(redact(text)).toBe(text);
    },
  );
});
