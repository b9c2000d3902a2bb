import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { redact } from '../../src/http/redact.ts';

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
    ['a JWT', jwt],
  ])('takes out %s although nobody gave the key', (_what, text) => {
    expect(redact(text)).not.toContain(secret);
  });

  test.each([
    'The job was not found',
    'https://api.example/v1/jobs/7 answered 404',
    'the basics of the token economy',
    'expected status: DONE',
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

  it('takes a megabyte of hostile text in its stride', () => {
    const started = performance.now();
    redact(`token${' '.repeat(500_000)}${'https://'.repeat(60_000)}`);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});
