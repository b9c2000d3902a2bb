import { expect, it } from 'vitest';
import { openSealed, seal } from '../../../src/providers/connection/seal.ts';
import { keepHeaders, restoreHeaders } from '../../../src/providers/twelvelabs/upload-headers.ts';

const given = {
  'Content-Type': 'video/mp4',
  'x-amz-server-side-encryption': 'aws:kms',
  'x-amz-tagging': 'team=video',
  Authorization: 'AWS4-HMAC-SHA256 Signature=SECRET',
  'X-Amz-Security-Token': 'SECRET',
  'x-custom': 'SECRET',
};
const lowerCased = Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
const kept = keepHeaders(given, (text) => seal('key-1', text));

it('keeps as they are only headers that say how to store a part', () => {
  expect(kept.partHeaders).toEqual({ 'content-type': 'video/mp4', 'x-amz-server-side-encryption': 'aws:kms' });
  expect(JSON.stringify(kept)).not.toContain('SECRET');
});

it('gives every header back to whoever has the key', () => {
  expect(restoreHeaders(kept, (sealed) => openSealed('key-1', sealed))).toEqual(lowerCased);
  expect(restoreHeaders(kept, (sealed) => openSealed('key-2', sealed))).toBeNull();
});

it('seals nothing where there is nothing to hide, so that a new key changes nothing', () => {
  const plain = keepHeaders({ 'Content-Type': 'video/mp4' }, () => 'sealed');
  expect(plain).toEqual({ partHeaders: { 'content-type': 'video/mp4' } });
  expect(restoreHeaders(plain, () => null)).toEqual({ 'content-type': 'video/mp4' });
});
