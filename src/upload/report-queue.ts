import pLimit from 'p-limit';
import { ChunkBitmap } from './chunk-bitmap.ts';
import type { UploadedChunk } from './chunk-upload.ts';

/** Collects uploaded chunks and reports them in batches, one at a time; a chunk is forgotten only after its report. */
export class ReportQueue {
  readonly reported = new ChunkBitmap();
  readonly #pending: UploadedChunk[] = [];
  readonly #inTurn = pLimit(1);
  readonly #batchSize: number;
  readonly #report: (chunks: readonly UploadedChunk[]) => Promise<void>;
  #hasFailed = false;

  constructor(batchSize: number, report: (chunks: readonly UploadedChunk[]) => Promise<void>) {
    this.#batchSize = batchSize;
    this.#report = report;
  }

  /**
   * Adds a chunk, and reports where that fills a batch; rejects as the report does. It waits for a report that is
   * under way, so that no more than one batch and what is in flight can be lost with the process.
   */
  add(chunk: UploadedChunk): Promise<void> {
    return this.#inTurn(async () => {
      this.#pending.push(chunk);
      if (!this.#hasFailed && this.#pending.length >= this.#batchSize) await this.#reportBatch();
    });
  }

  /** Reports all that is left, also after a failed report; rejects as the report does. */
  flush(): Promise<void> {
    return this.#inTurn(async () => {
      while (this.#pending.length > 0) await this.#reportBatch();
    });
  }

  async #reportBatch(): Promise<void> {
    const batch = this.#pending.slice(0, this.#batchSize);
    try {
      await this.#report(batch);
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
    this.#pending.splice(0, batch.length);
    for (const { index } of batch) this.reported.add(index);
  }
}
