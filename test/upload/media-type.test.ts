import { describe, expect, test, vi } from 'vitest';
import { findMediaType, type MediaTypeClues } from '../../src/upload/media-type.ts';
import { samples } from '../setup/media.ts';

const mp3 = samples.mp3();
const text = Buffer.from('<html>please log in</html>');
const isTiros = (mediaType: string) => ['audio/mpeg', 'audio/wav', 'audio/mp4', 'video/mp4'].includes(mediaType);

function find(clues: Partial<MediaTypeClues>, content: Buffer = text, isWanted = isTiros) {
  return findMediaType({ name: 'talk', readHead: () => Promise.resolve(content), ...clues }, isWanted);
}

describe('findMediaType', () => {
  test.each<[string, Partial<MediaTypeClues>, string, string]>([
    ['the caller’s word', { given: 'audio/x-wav', declared: 'audio/mp4', name: 'a.mp3' }, 'audio/wav', 'given'],
    ['the caller’s word for what is not wanted', { given: 'audio/flac', name: 'a.mp3' }, 'audio/flac', 'given'],
    ['the declared type', { declared: 'audio/x-m4a', name: 'a.wav' }, 'audio/mp4', 'declared'],
    ['the name where nothing is declared', { declared: null, name: 'a.WAV' }, 'audio/wav', 'name'],
    ['the name where nothing is said', { declared: 'binary/octet-stream', name: 'a.m4b' }, 'audio/mp4', 'name'],
    ['the name where nonsense is declared', { declared: 'mp4', name: 'a.m4v' }, 'video/mp4', 'name'],
    ['the content where nothing else tells', { declared: 'application/octet-stream' }, 'audio/mpeg', 'content'],
    ['the content where the name only looks like an ending', { name: 'wav' }, 'audio/mpeg', 'content'],
    ['the content where the name is unknown', { name: 'talk.7f3a' }, 'audio/mpeg', 'content'],
    ['the content where the label is not wanted', { declared: 'text/html', name: 'a.ogg' }, 'audio/mpeg', 'content'],
    ['the content where the ending is not wanted', { name: 'a.json' }, 'audio/mpeg', 'content'],
  ])('believes %s', async (_what, clues, mediaType, from) => {
    expect(await find(clues, mp3)).toEqual({ mediaType, from });
  });

  test.each([
    [{ declared: 'text/html', name: 'talk.mp3' }, 'text/html', 'declared'],
    [{ name: 'talk.pdf' }, 'application/pdf', 'name'],
    [{}, 'application/octet-stream', null],
  ])('leaves a label as it is where the content tells nothing: %j', async (clues, mediaType, from) => {
    expect(await find(clues, text)).toEqual({ mediaType, from });
  });

  test('leaves a label as it is where the content is not wanted either', async () => {
    expect(await find({ name: 'talk.ogg' }, samples.flac())).toEqual({ mediaType: 'audio/ogg', from: 'name' });
  });

  test.each(['talk.ts', 'talk.mts'])('asks the content whether %s is a stream or TypeScript', async (name) => {
    expect(await find({ name }, samples.ts(), undefined)).toEqual({ mediaType: 'video/mp2t', from: 'content' });
    expect(await find({ name }, Buffer.from('export const a = 1;'), undefined)).toMatchObject({ from: null });
  });

  test.each(Object.entries({ ...samples, m4a: samples.m4a }))('tells %s by its first bytes', async (format, make) => {
    const { mediaType, from } = await find({}, make(), undefined);
    expect(from).toBe('content');
    expect(mediaType).toBe(
      {
        ...{ wav: 'audio/wav', mp3: 'audio/mpeg', mp4: 'video/mp4', m4a: 'audio/mp4', mov: 'video/quicktime' },
        ...{ flac: 'audio/flac', amr: 'audio/amr', ogg: 'audio/ogg', ts: 'video/mp2t' },
      }[format],
    );
  });

  test('does not look at the content where a label tells enough', async () => {
    const readHead = vi.fn(() => Promise.resolve(mp3));
    await find({ declared: 'audio/x-wav', readHead });
    await find({ name: 'a.mp3', readHead });
    await find({ given: 'audio/ogg', readHead });
    expect(readHead).not.toHaveBeenCalled();
  });
});
