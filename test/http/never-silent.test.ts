import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { neverSilent } from '../../src/http/never-silent.ts';

const read = async (pieces: AsyncIterable<unknown>) => {
  const all: string[] = [];
  for await (const piece of pieces) all.push(String(piece));
  return all;
};

describe('what never goes silent', () => {
  const watched = (quietMs = 60_000, outer?: AbortSignal) => {
    const source = new PassThrough({ objectMode: true });
    const stop = new AbortController();
    return { source, stop, pieces: neverSilent(source, { stop, quietMs, outer }) };
  };

  it('gives every piece', async () => {
    const { source, stop, pieces } = watched();
    source.write('a');
    source.end();
    expect(await read(pieces)).toEqual(['a']);
    expect(stop.signal.aborted).toBe(true);
  });

  it('ends where nothing comes, and closes a source that heeds no signal', async () => {
    const { source, stop, pieces } = watched(20);
    await expect(read(pieces)).rejects.toThrow('nothing came for 0.02 s');
    expect(stop.signal.reason).toMatchObject({ message: 'nothing came for 0.02 s' });
    expect(source.destroyed).toBe(true);
  });

  it('ends by an abort from outside, with its reason', async () => {
    const outer = new AbortController();
    const { source, pieces } = watched(60_000, outer.signal);
    const reading = read(pieces);
    outer.abort(new Error('cancelled'));
    await expect(reading).rejects.toThrow('cancelled');
    expect(source.destroyed).toBe(true);
  });

  it('ends with its reader', async () => {
    const { source, stop, pieces } = watched();
    source.write('a');
    for await (const piece of pieces) {
      expect(String(piece)).toBe('a');
      break;
    }
    expect([source.destroyed, stop.signal.aborted]).toEqual([true, true]);
  });

  it('does not take a slow reader for a silent source', async () => {
    const { source, pieces } = watched(30);
    for (const piece of ['a', 'b']) source.write(piece);
    await pieces.next();
    await new Promise((resolve) => setTimeout(resolve, 90));
    expect(String((await pieces.next()).value)).toBe('b');
    await pieces.return(undefined);
  });
});
