import { describe, expect, it, test } from 'vitest';
import { asset } from '../../../src/providers/twelvelabs/asset.ts';

describe('a TwelveLabs asset', () => {
  test.each([
    ['waiting', 'queued'],
    ['processing', 'running'],
    ['ready', 'succeeded'],
    ['failed', 'failed'],
  ])('with the status %s is %s', (status, phase) => {
    expect(asset.read({ _id: 'a1', status })).toMatchObject({ status, phase, recognised: true, progress: null });
  });

  it('has a message only where it failed', () => {
    expect(asset.read({ status: 'failed', error: { message: 'no video track' } }).message).toBe('no video track');
    expect(asset.read({ status: 'failed', error: null }).message).toBe('TwelveLabs gives no reason');
    expect(asset.read({ status: 'ready', error: { message: 'old' } }).message).toBeNull();
  });

  it('is ready whatever its stream and its thumbnail are', () => {
    const body = { status: 'ready', hls: { status: 'processing' }, thumbnail: { status: 'error' } };
    expect(asset.read(body).phase).toBe('succeeded');
  });

  it('takes a word that nobody knows as no news', () => {
    expect(asset.read({ status: 'validating' })).toMatchObject({ phase: null, recognised: false });
    expect(asset.read({ status: '<string>' })).toMatchObject({ phase: null, recognised: false });
  });

  it('puts an id into its path as one segment', () => {
    expect(asset.path('a/b')).toBe('/assets/a%2Fb');
  });
});
