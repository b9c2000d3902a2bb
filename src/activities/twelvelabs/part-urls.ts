import pLimit from 'p-limit';
import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { ProviderError } from '../../providers/connection/provider-error.ts';
import { mostUrls, requestTwelveLabsUrls } from '../../providers/twelvelabs/twelvelabs-session-calls.ts';

// The vendor gives a URL one hour, whatever its `expires_at` says; a part needs some of it for its bytes.
const urlLifeMs = 3_600_000;
const usableShare = 0.75;

/** Hands out each presigned URL once; they are asked for by the window, and live in this object only. */
export function createPartUrls(input: {
  connection: ProviderConnection;
  uploadId: string;
  /** The chunks that are to be sent, in ascending order. */
  indexes: readonly number[];
  timeScale: number;
  signal: AbortSignal;
}) {
  const { connection, uploadId, indexes, timeScale, signal } = input;
  // Until when, is by our clock.
  const held = new Map<number, { url: string; usableUntilMs: number }>();
  const inTurn = pLimit(1);

  async function askFrom(start: number): Promise<void> {
    const last = indexes.findLast((index) => index >= start && index < start + mostUrls) ?? start;
    const count = last - start + 1;
    const { data, providerNowMs } = await requestTwelveLabsUrls(connection, { uploadId, start, count, signal });
    for (const { chunk_index, url, expires_at } of data.upload_urls) {
      const saidMs = Date.parse(expires_at ?? '') - providerNowMs;
      const lifeMs = Math.min(urlLifeMs / timeScale, saidMs > 0 ? saidMs : Infinity);
      held.set(chunk_index, { url, usableUntilMs: Date.now() + lifeMs * usableShare });
    }
  }

  function take(index: number): string | null {
    const part = held.get(index);
    held.delete(index);
    return part !== undefined && Date.now() < part.usableUntilMs ? part.url : null;
  }

  /** A URL for one attempt at one chunk. Throws a `ProviderError`. */
  return function freshUrl(index: number): Promise<string> {
    return inTurn(async () => {
      const url = take(index);
      if (url !== null) return url;
      await askFrom(index);
      const fresh = take(index);
      if (fresh !== null) return fresh;
      const operation = `ask for the upload address of chunk ${String(index)}`;
      throw new ProviderError({ kind: 'unexpected-response', operation, words: 'the answer does not hold it' });
    });
  };
}
