import { ReadableStream } from 'node:stream/web';
import { FormData } from 'undici';
import type { MediaSource } from '../../upload/media-source.ts';
import { markName } from './marked-name.ts';

/** An open source, and what kind of media it was found to be. */
export type FormSource = MediaSource & { mediaType: string };

/** Several sources as one form whose bytes are read only while they are sent. */
export interface MediaForm {
  form: FormData;
  /** Whether the last byte has been handed to the network. */
  allSent(): boolean;
  /** What went wrong with a source, where that is why the request broke off. */
  sourceError(): unknown;
}

/** The name under which a file goes into the form: nothing that could end the header or be taken for a path. */
export function toFormFileName(name: string, marker: string): string {
  return markName(name.replaceAll(/["\\/\p{Cc}]/gu, '_'), marker);
}

// The form's encoder asks a file for its name, type, size and stream; the bytes themselves never become a Blob.
class StreamedFile extends File {
  readonly #pieces: () => AsyncIterable<Buffer>;

  constructor(name: string, type: string, sizeBytes: number, pieces: () => AsyncIterable<Buffer>) {
    super([], name, { type });
    Object.defineProperty(this, 'size', { value: sizeBytes });
    this.#pieces = pieces;
  }

  override stream(): ReturnType<File['stream']> {
    // Not `Readable.toWeb`, which throws out of turn when the request is broken off.
    return ReadableStream.from(this.#pieces()) as ReturnType<File['stream']>;
  }
}

/**
 * Makes a form with each source as a part `files`, in the given order, with its exact size and media type. `onBytes`
 * hears of every piece that goes out.
 */
export function createMediaForm(
  sources: readonly FormSource[],
  marker: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): MediaForm {
  const form = new FormData();
  let filesLeft = sources.length;
  let sourceError: unknown;
  async function* pieces(source: MediaSource): AsyncGenerator<Buffer> {
    try {
      for await (const piece of source.read({ start: 0, end: source.sizeBytes }, signal) as AsyncIterable<Buffer>) {
        onBytes(piece.length);
        yield piece;
      }
      filesLeft -= 1;
    } catch (error) {
      if (!signal.aborted) sourceError = error;
      throw error;
    }
  }
  for (const source of sources) {
    form.append(
      'files',
      new StreamedFile(toFormFileName(source.fileName, marker), source.mediaType, source.sizeBytes, () =>
        pieces(source),
      ),
    );
  }
  return { form, allSent: () => filesLeft === 0, sourceError: () => sourceError };
}
