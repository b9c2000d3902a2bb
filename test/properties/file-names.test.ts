import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Response } from 'undici';
import { isMarked } from '../../src/providers/soket/marked-name.ts';
import { createMediaForm } from '../../src/providers/soket/media-form.ts';
import { sourceName } from '../../src/contract/source-name.ts';
import { toPathSegment } from '../../src/results/path-segment.ts';
import type { MediaSource } from '../../src/upload/media-source.ts';

const marker = '0123456789abcdef';
const hostile = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
  fc.constantFrom(
    ...['../../etc/passwd', '..\\..\\a', 'a\r\nX-Injected: 1', 'a"; name="files"; x="', 'é😀.wav', '\ud800', '\u0000'],
    ...['x'.repeat(10_240), 'a\u2028b', '%0d%0aX-Injected: 1', '--boundary'],
  ),
);

function sourceOf(fileName: string, mediaType: string): MediaSource {
  return {
    ...{ uri: 'file:///a', fileName, mediaType, sizeBytes: 4, fingerprint: 'f' },
    read: () => Readable.from([Buffer.from('BYTE')], { objectMode: false }),
    close: () => Promise.resolve(),
  };
}

test('no file name or media type adds to the headers of the form', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, hostile, async (fileName, mediaType) => {
      const { signal } = new AbortController();
      const { form } = createMediaForm([sourceOf(fileName, mediaType)], marker, signal, () => undefined);
      const written = await new Response(form).text();
      const [head = '', ...rest] = written.split('\r\n\r\n');
      const lines = head.split(/[\r\n]+/);
      expect(lines).toHaveLength(3);
      expect(lines[1]).toMatch(/^Content-Disposition: form-data; name="files"; filename="[^"\\/]*"$/);
      const name = /filename="([^"]*)"$/.exec(lines[1] ?? '')?.[1] ?? '';
      expect(isMarked(name, marker)).toBe(true);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
      expect(lines[2]).toMatch(/^Content-Type: [^\r\n]+$/);
      expect(rest.join('').startsWith('BYTE\r\n--')).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('no name of a source leads out of its place', () => {
  fc.assert(
    fc.property(hostile, (name) => {
      const shown = sourceName(`https://media.example/${name}`);
      expect(shown).not.toBe('');
      const segment = toPathSegment(shown);
      expect(segment).not.toMatch(/[/\\\p{Cc}]|^\.{1,2}$/u);
      expect(Buffer.byteLength(segment)).toBeLessThanOrEqual(140);
    }),
    { numRuns: 300 },
  );
});
