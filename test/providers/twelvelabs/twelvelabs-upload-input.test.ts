import { describe, expect, it, test } from 'vitest';
import { assetTypeOf } from '../../../src/providers/twelvelabs/asset-type.ts';
import { twelvelabsUploadInput } from '../../../src/providers/twelvelabs/twelvelabs-upload-input.ts';

const source = 'file:///media/match.mp4';

describe('the input of twelvelabsUpload', () => {
  it('takes the vendor’s options and ours', () => {
    const input = {
      source,
      filename: 'match.mp4',
      type: 'video',
      enable_hls: true,
      enable_thumbnail: false,
      user_metadata: { season: 3, final: true, city: 'Seoul' },
      concurrency: 16,
      deadline: '2h',
    };
    const read = { ...input, deadline: 7_200_000, credential: 'default', notify: [] };
    expect(twelvelabsUploadInput.parse(input)).toEqual(read);
  });

  test.each([
    ['an option that nobody knows', { enableHls: true }],
    ['an unknown type', { type: 'text' }],
    ['an empty name', { filename: '' }],
    ['a name of 256 characters', { filename: 'a'.repeat(256) }],
    ['metadata in the place of our marker', { user_metadata: { provider_jobs: 'x' } }],
    ['metadata that is nested', { user_metadata: { a: {} } }],
    ['no chunk at once', { concurrency: 0 }],
    ['too many chunks at once', { concurrency: 17 }],
  ])('refuses %s', (_what, more) => {
    expect(twelvelabsUploadInput.safeParse({ source, ...more }).success).toBe(false);
  });
});

test.each([
  ['video/mp4', 'video'],
  ['audio/wav', 'audio'],
  ['image/png', 'image'],
  ['application/octet-stream', null],
])('a file of %s becomes an asset of type %s', (mediaType, type) => {
  expect(assetTypeOf(mediaType)).toBe(type);
});
