/**
 * A set of chunk indexes (from 1) that encodes to a short text for a heartbeat: one bit for each chunk in base64url,
 * 1,668 characters for 10,000 chunks.
 */
export class ChunkBitmap {
  #bytes = new Uint8Array(0);
  #count = 0;

  /** The number of indexes in the set. */
  get count(): number {
    return this.#count;
  }

  /** Adds an index; throws a `RangeError` for one that no chunk can have. */
  add(index: number): this {
    if (!Number.isSafeInteger(index) || index < 1 || index > 2 ** 31)
      throw new RangeError(`${String(index)} is not a chunk index`);
    if (this.has(index)) return this;
    const position = (index - 1) >>> 3;
    if (position >= this.#bytes.length) {
      const grown = new Uint8Array(Math.max(position + 1, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[position] = (this.#bytes[position] ?? 0) | (1 << ((index - 1) & 7));
    this.#count += 1;
    return this;
  }

  /** Whether the set holds `index`. */
  has(index: number): boolean {
    return ((this.#bytes[(index - 1) >>> 3] ?? 0) & (1 << ((index - 1) & 7))) !== 0;
  }

  /** Adds every index of `other`. */
  merge(other: ChunkBitmap): this {
    for (const index of other) this.add(index);
    return this;
  }

  /** The indexes in ascending order. */
  *[Symbol.iterator](): Generator<number> {
    for (let index = 1; index <= this.#bytes.length * 8; index += 1) if (this.has(index)) yield index;
  }

  /** The text that `ChunkBitmap.decode` reads. */
  encode(): string {
    return Buffer.from(this.#bytes.subarray(0, this.#bytes.findLastIndex((byte) => byte !== 0) + 1)).toString(
      'base64url',
    );
  }

  /** The set that `encode` wrote; throws a `RangeError` for any other text. */
  static decode(text: string): ChunkBitmap {
    if (!/^[\w-]*$/.test(text)) throw new RangeError('this is not an encoded set of chunks');
    const bitmap = new ChunkBitmap();
    Buffer.from(text, 'base64url').forEach((byte, position) => {
      for (let bit = 0; bit < 8; bit += 1) if ((byte & (1 << bit)) !== 0) bitmap.add(position * 8 + bit + 1);
    });
    return bitmap;
  }
}
