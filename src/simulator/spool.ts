import { createHash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The parts of one file until all are there, on disk rather than in memory, in a file that no name leads to. */
export class Spool {
  #file: Promise<FileHandle> | undefined;
  readonly #closing: AbortSignal;
  readonly #close = () => void this.close();

  /** Closes by itself when `closing` is aborted. */
  constructor(closing: AbortSignal) {
    this.#closing = closing;
  }

  /** Writes bytes at their place in the file. */
  async write(bytes: Buffer, position: number): Promise<void> {
    this.#file ??= this.#open();
    await (await this.#file).write(bytes, 0, bytes.length, position);
  }

  /** The SHA-256 of all that was written, in hexadecimal. */
  async sha256(): Promise<string> {
    const hash = createHash('sha256');
    const file = await this.#file;
    if (file)
      for await (const piece of file.createReadStream({ start: 0, autoClose: false })) hash.update(piece as Buffer);
    return hash.digest('hex');
  }

  /** Forgets the bytes. */
  async close(): Promise<void> {
    this.#closing.removeEventListener('abort', this.#close);
    const file = this.#file;
    this.#file = undefined;
    await (await file)?.close();
  }

  async #open(): Promise<FileHandle> {
    this.#closing.addEventListener('abort', this.#close, { once: true });
    const folder = await mkdtemp(join(tmpdir(), 'provider-jobs-simulator-'));
    const file = await open(join(folder, 'parts'), 'w+');
    await rm(folder, { recursive: true });
    return file;
  }
}
