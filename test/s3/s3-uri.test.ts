import { expect, test } from 'vitest';
import { parseS3Folder, parseS3Uri, toS3Uri } from '../../src/s3/s3-uri.ts';
import { canonicalUri, parseSourceUri } from '../../src/upload/source-uri.ts';

test.each([
  ['s3://media/talk.wav', 'media', 'talk.wav'],
  ['s3://media/a folder/50%20?#1.wav', 'media', 'a folder/50%20?#1.wav'],
  ['S3://Media_1.eu/a//b', 'Media_1.eu', 'a//b'],
  ['s3://media', 'media', ''],
  ['s3://media/', 'media', ''],
])('%s names an object, its key as it is written', (uri, bucket, key) => {
  expect(parseS3Uri(uri)).toEqual({ bucket, key });
  if (key !== '') expect(parseS3Uri(toS3Uri({ bucket, key }))).toEqual({ bucket, key });
});

test.each([
  ['no bucket', 's3:///talk.wav'],
  ['no slashes', 's3:media/talk.wav'],
  ['a bucket that is none', 's3://-/talk.wav'],
  ['a user', 's3://AKIA:secret@media/talk.wav'],
  ['a port', 's3://media:9000/talk.wav'],
  ['a key that is too long', `s3://media/${'é'.repeat(513)}`],
  ['half a character', 's3://media/\ud800'],
  ['another scheme', 'gs://media/talk.wav'],
])('%s is no address', (_what, uri) => {
  expect(parseS3Uri(uri)).toBeNull();
});

test.each([
  ['s3://media', ''],
  ['s3://media/', ''],
  ['s3://media/in', 'in/'],
  ['s3://media/in/', 'in/'],
])('%s is a folder with or without its slash', (uri, key) => {
  expect(parseS3Folder(uri)).toEqual({ bucket: 'media', key });
});

test('as a source it is refused without its credentials being repeated', () => {
  const parse = (uri: string) => () => parseSourceUri(uri, false);
  expect(parse('s3://AKIA:canary@media/talk.wav')).toThrow(/^s3:\/\/media\/talk.wav has a user name or password/);
  expect(parse('s3://-/talk.wav')).toThrow(/names no object; write s3:\/\/bucket\/key/);
  expect(parse('s3://media/talk.wav')).not.toThrow();
});

test('two keys are one media only where they are the same to the letter', () => {
  expect(canonicalUri('s3://media/a%20b')).not.toBe(canonicalUri('s3://media/a b'));
  expect(canonicalUri('s3://media/a/../b')).not.toBe(canonicalUri('s3://media/b'));
  expect(canonicalUri('S3://media/a')).toBe(canonicalUri('s3://media/a'));
});
