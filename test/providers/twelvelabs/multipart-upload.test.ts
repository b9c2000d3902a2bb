import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { multipartUpload } from '../../../src/providers/twelvelabs/multipart-upload.ts';

const sample = JSON.parse(
  readFileSync(new URL('../../fixtures/twelvelabs.multipart-upload/active.running.json', import.meta.url), 'utf8'),
) as Record<string, unknown>;

const withFields = (fields: Record<string, unknown>) => multipartUpload.read({ ...sample, ...fields });
const untouched = { uploaded_chunks: [], chunks_completed: 0, chunks_pending: 20, uploaded_size: 0 };

describe('a TwelveLabs upload session', () => {
  test.each([
    ['active', 'awaiting-upload'],
    ['completed', 'succeeded'],
    ['failed', 'failed'],
    ['expired', 'expired'],
  ])('with the status %s and nothing reported is %s', (status, phase) => {
    expect(withFields({ ...untouched, status })).toMatchObject({ status, phase, recognised: true });
  });

  it('is running as soon as a chunk was reported', () => {
    expect(withFields({ ...untouched, chunks_completed: 1, chunks_pending: 19 }).phase).toBe('running');
    expect(withFields({ ...untouched, chunks_failed: 1, chunks_pending: 19 }).phase).toBe('running');
  });

  it('counts its chunks from the counters and not from the listed rows', () => {
    // The vendor's sample lists one row, says that there are two, and counts twenty chunks.
    expect(withFields({}).progress).toEqual({ done: 15, total: 20, unit: 'chunks' });
  });

  it('takes no error from a chunk whose status is completed', () => {
    expect(withFields({}).message).toBeNull();
  });

  it('does not end by its counters, full ones among them', () => {
    const reading = withFields({ chunks_completed: 20, chunks_pending: 0 });
    expect(reading).toMatchObject({ phase: 'running', progress: { done: 20, total: 20 } });
    expect(reading.needsAttention).toBeUndefined();
  });

  test.each([
    ['missing', { chunks_completed: undefined, chunks_failed: undefined, chunks_pending: undefined }],
    ['null', { chunks_completed: null, chunks_failed: null, chunks_pending: null }],
    ['zero', { chunks_completed: 0, chunks_failed: 0, chunks_pending: 0 }],
  ])('with counters that are %s has no progress and no terminal phase', (_what, counters) => {
    expect(withFields({ ...untouched, ...counters })).toMatchObject({ phase: 'awaiting-upload', progress: null });
  });

  it('goes on with failed chunks, names the first, and asks for attention', () => {
    const uploaded_chunks = [
      { index: 1, status: 'completed', error: 'Upload timeout' },
      { index: 3, status: 'failed', error: 'Checksum mismatch' },
    ];
    expect(withFields({ uploaded_chunks, chunks_failed: 1, chunks_pending: 4 })).toMatchObject({
      phase: 'running',
      message: 'chunk 3 failed: Checksum mismatch',
      needsAttention: true,
    });
  });

  it('asks for no attention once it is lost', () => {
    expect(withFields({ status: 'failed', chunks_failed: 1 }).needsAttention).toBeUndefined();
  });

  it('gives the vendor’s times as they are, also where they contradict each other', () => {
    expect(withFields({}).timestamps).toEqual({
      createdAt: '2025-12-01T10:00:00Z',
      updatedAt: '2025-12-01T10:00:00Z',
    });
  });

  it('takes a word that nobody knows as no news', () => {
    expect(withFields({ status: 'assembling' })).toMatchObject({ phase: null, recognised: false });
    expect(withFields({ status: 'COMPLETED' })).toMatchObject({ phase: null, recognised: false });
  });

  it('gives no terminal phase for a placeholder body', () => {
    const body = { status: '<string>', chunks_completed: 123, chunks_failed: 123, chunks_pending: 123 };
    expect(multipartUpload.read(body)).toMatchObject({ phase: null, recognised: false });
  });

  it('is read by its status alone where nothing else is there', () => {
    expect(multipartUpload.read({ status: 'completed' })).toMatchObject({ phase: 'succeeded', progress: null });
    expect(() => multipartUpload.read({ upload_id: 'u1' })).toThrow();
  });

  it('puts an id into its path as one segment', () => {
    expect(multipartUpload.path('a/b?c')).toBe('/assets/multipart-uploads/a%2Fb%3Fc');
  });
});
