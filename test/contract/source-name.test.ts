import { expect, test } from 'vitest';
import { sourceName } from '../../src/contract/source-name.ts';

test.each([
  ['file:///media/talk.wav', 'talk.wav'],
  ['https://files.example/a/b%20c.mp3?X-Amz-Signature=SECRET', 'b c.mp3'],
  ['https://files.example/a.mp3#t=1?x/y', 'a.mp3'],
  ['https://files.example/100%.wav', '100%.wav'],
  ['s3://bucket/a/what?#50%25.wav', 'what?#50%25.wav'],
  ['s3://bucket/', 'media'],
  ['https://files.example/', 'media'],
  ['', 'media'],
])('the source %j is called %s', (uri, name) => {
  expect(sourceName(uri)).toBe(name);
});
