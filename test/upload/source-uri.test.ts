import { describe, expect, test } from 'vitest';
import { isSignedUrl, parseSourceUri, redactUri, toSourceUri } from '../../src/upload/source-uri.ts';

describe('a signed URL', () => {
  test.each([
    'https://media.example/a.mp4?X-Amz-Signature=1',
    'https://media.example/a.mp4?x-amz-credential=1',
    'https://media.example/a.mp4?X-Goog-Algorithm=1',
    'https://media.example/a.mp4?sv=1&sig=abc',
    'https://media.example/a.mp4?a=1&SIGNATURE=abc',
    'https://media.example/a.mp4?Token=abc',
    'https://media.example/a.mp4?access_token=abc',
  ])('is refused without showing its query: %s', (uri) => {
    expect(isSignedUrl(uri)).toBe(true);
    const parse = () => parseSourceUri(uri, false);
    expect(parse).toThrow(expect.objectContaining({ kind: 'refused', retryable: false }));
    expect(parse).toThrow(/the query of https:\/\/media\.example\/a\.mp4 carries a signature/);
    expect(parse).not.toThrow(/abc|=1/);
  });

  test.each([
    'https://media.example/a.mp4?version=2',
    'https://media.example/sig/token',
    'file:///a.mp4',
    'nonsense',
    's3://bucket/a?token=b#c.mp4',
  ])('is not seen in %s', (uri) => {
    expect(isSignedUrl(uri)).toBe(false);
  });

  test('is no key of an object in S3, which is shown as it is', () => {
    expect(parseSourceUri('s3://bucket/a?token=b#c.mp4', false).protocol).toBe('s3:');
    expect(redactUri('s3://bucket/a?token=b#c.mp4')).toBe('s3://bucket/a?token=b#c.mp4');
  });

  test('is accepted where it is allowed', () => {
    expect(parseSourceUri('https://media.example/a.mp4?sig=abc', true).searchParams.get('sig')).toBe('abc');
  });
});

test.each([
  ['mailto:a.mp4', /not accepted/],
  ['C:\\media\\a.mp4', /not accepted/],
  ['ws://media.example/a.mp4', /not accepted/],
  ['gs:///a.mp4', /not accepted/],
  ['gs://user:password@bucket/a.mp4', /^gs:\/\/bucket\/a.mp4 has a user name or password/],
  ['gs://bucket/a.mp4?token=abc', /carries a signature/],
  ['http://media.example/a.mp4', /not accepted/],
  ['ftp://media.example/a.mp4', /not accepted/],
  ['a.mp4', /is not a URI/],
  ['file:a.mp4', /not absolute/],
  ['file://a.mp4', /not absolute/],
  ['file:////server/a.mp4', /not absolute/],
  ['file:///a.mp4?sig=abc', /\?/],
  ['file:///a#b.mp4', /%23/],
  ['https://user:password@media.example/a.mp4', /^https:\/\/media.example\/a.mp4 has a user name or password/],
])('refuses %s', (uri, message) => {
  expect(() => parseSourceUri(uri, false)).toThrow(expect.objectContaining({ kind: 'refused' }));
  expect(() => parseSourceUri(uri, false)).toThrow(message);
});

test.each([
  'https://a.example/b',
  'http://localhost:1/b',
  'http://127.0.0.1/b',
  'http://[::1]:1/b',
  'file:///b',
  'file:/b',
  's3://bucket/b',
  'gs://bucket/b',
])('accepts %s', (uri) => {
  expect(parseSourceUri(uri, false).href).toContain('/b');
});

test.each([
  ['https://user:password@media.example/a.mp4?sig=abc#part', 'https://media.example/a.mp4'],
  ['https://media.example/a@b.mp4', 'https://media.example/a@b.mp4'],
  ['file:///media/a.mp4', 'file:///media/a.mp4'],
  ['not a uri?secret=1\nmore', 'not a uri'],
])('shows %j as %s', (uri, shown) => {
  expect(redactUri(uri)).toBe(shown);
});

test.each([
  ['a b.wav', 'file:///work/a%20b.wav'],
  ['../what?.wav', 'file:///what%3F.wav'],
  ['/media/a#1%.wav', 'file:///media/a%231%25.wav'],
  ['https://media.example/a.wav?v=1', 'https://media.example/a.wav?v=1'],
  ['file:///media/a.wav', 'file:///media/a.wav'],
  ['s3://bucket/a.wav', 's3://bucket/a.wav'],
])('turns %s of a command line into %s', (given, uri) => {
  expect(toSourceUri(given, '/work')).toBe(uri);
});
