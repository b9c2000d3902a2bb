import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatOf, isMedia, readMediaType } from '../../src/upload/media-format.ts';

describe('readMediaType', () => {
  test.each([
    [
      'audio/wav',
      ['audio/x-wav', 'audio/wave', 'audio/vnd.wave', 'audio/x-pn-wav', 'AUDIO/X-WAV', 'audio/wav; rate=8'],
    ],
    [
      'audio/mpeg',
      ['audio/mp3', 'audio/x-mp3', 'audio/mpeg3', 'audio/x-mpeg-3', 'audio/x-mpeg', 'audio/mpg', 'audio/mp2'],
    ],
    ['audio/mp4', ['audio/x-m4a', 'audio/m4a', 'audio/mp4a-latm', 'audio/x-m4b', 'audio/mp4;codecs="mp4a.40.2"']],
    ['video/mp4', ['application/mp4', 'video/x-m4v', 'video/m4v', ' Video/MP4 ; codecs=avc1']],
    ['audio/flac', ['audio/x-flac']],
    ['audio/aac', ['audio/x-aac', 'audio/aacp', 'audio/x-hx-aac-adts']],
    ['audio/ogg', ['application/ogg', 'audio/opus', 'audio/x-vorbis', 'audio/ogg; codecs=opus']],
    ['audio/amr', ['audio/AMR-WB', 'audio/x-amr']],
    ['video/x-matroska', ['video/matroska', 'video/x-mkv']],
    ['video/quicktime', ['video/x-quicktime', 'video/mov']],
    ['video/mp2t', ['video/x-mp2t', 'application/mp2t']],
    ['audio/aiff', ['audio/x-aiff', 'sound/aiff']],
  ])('calls %s by this one name', (name, spellings) => {
    for (const written of [name, ...spellings]) expect(readMediaType(written), written).toBe(name);
  });

  test.each([
    ...[
      '',
      ' ',
      'audio',
      'audio/',
      '/wav',
      'audio/*',
      '*/*',
      'audio/mpeg, audio/mpeg',
      'a b/c',
      'undefined',
      ';charset=x',
    ],
    ...['application/octet-stream', 'binary/octet-stream', 'Application/X-Binary', 'text/plain; charset=utf-8'],
    ...['application/x-www-form-urlencoded', 'application/force-download', 'application/x-download', 'audio/unknown'],
  ])('finds nothing said in %j', (written) => {
    expect(readMediaType(written)).toBeNull();
  });

  test.each(['text/html', 'application/pdf', 'image/png', 'audio/midi'])('leaves %s as it is', (written) => {
    expect(readMediaType(written)).toBe(written);
    expect(formatOf(written)).toBeNull();
  });

  test('gives what it gave again, whatever was written', () => {
    const type = fc.constantFrom('audio', 'video', 'application', 'AUDIO', 'image', '');
    fc.assert(
      fc.property(type, fc.string(), (first, second) => {
        const read = readMediaType(`${first}/${second}`);
        if (read !== null) expect(readMediaType(read)).toBe(read);
      }),
    );
  });
});

describe('isMedia', () => {
  test.each(['audio/mpeg', 'video/whatever', 'audio/x-unheard-of', 'application/mxf', 'application/ogg'])(
    'takes %s for media',
    (mediaType) => {
      expect(isMedia(mediaType)).toBe(true);
    },
  );

  test.each(['image/png', 'text/html', 'audio/x-mpegurl', 'application/vnd.apple.mpegurl', 'audio/x-scpls'])(
    'does not take %s for media',
    (mediaType) => {
      expect(isMedia(mediaType)).toBe(false);
    },
  );
});
