import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { request } from 'undici';
import type { ProviderAgents } from '../../http/agents.ts';
import { describeNetworkError, kindOfStatus, rethrowCancellation } from './classify.ts';
import { ProviderError } from './provider-error.ts';
import { redact } from '../../http/redact.ts';
import { mostResultBytes, readText, refuseHugeClaim } from '../../http/response-size.ts';
import { readRetryAfterMs } from '../../http/retry-after.ts';
import { watchSilence } from '../../http/silence-watch.ts';

const quietMs = 60_000;

/** One upload to a presigned URL. */
export interface StoragePut {
  /** In words, for messages: `upload chunk 3`. */
  operation: string;
  url: string;
  headers: Record<string, string>;
  body: Readable;
  sizeBytes: number;
  signal: AbortSignal;
}

function storageError(
  operation: string,
  status: number,
  text: string,
  headers: Parameters<typeof readRetryAfterMs>[0],
) {
  const retryAfterMs = readRetryAfterMs(headers, Date.now());
  return new ProviderError({
    kind: status === 403 || status === 401 ? 'storage-refused' : kindOfStatus(status),
    operation,
    status,
    words: redact(text === '' ? 'no body' : text),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

// Providers hand out headers in any case, a content length among them; undici refuses to send that one twice.
function lowerCased(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/**
 * Uploads raw bytes to storage with an exact content length and gives back the ETag without its quotes (empty where
 * storage sends none). No key of ours goes along.
 * @throws ProviderError; `storage-refused` means that the URL is spent or expired.
 */
export async function putToStorage(agents: ProviderAgents, put: StoragePut): Promise<{ etag: string }> {
  const watch = watchSilence(put.signal, quietMs);
  // An end of the request also ends the source with an error; only what came before that is the source's own.
  let sourceError: unknown = put.body.errored;
  put.body.once('error', (error) => {
    if (!watch.passage.destroyed) sourceError ??= error;
  });
  try {
    // undici destroys the passage when the request ends early; the source must not outlive it.
    const feeding = pipeline(put.body, watch.passage, { signal: watch.signal });
    feeding.catch(() => undefined);
    const response = await request(put.url, {
      method: 'PUT',
      dispatcher: agents.transfers,
      signal: watch.signal,
      headers: { ...lowerCased(put.headers), 'content-length': String(put.sizeBytes) },
      body: watch.passage,
    });
    const text = await readText(response);
    if (response.statusCode < 200 || response.statusCode > 299) {
      throw storageError(put.operation, response.statusCode, text, response.headers);
    }
    await feeding;
    const etag = response.headers.etag;
    return { etag: (Array.isArray(etag) ? (etag[0] ?? '') : (etag ?? '')).replaceAll('"', '') };
  } catch (error) {
    rethrowCancellation(put.signal);
    if (error instanceof ProviderError || sourceError !== null) throw sourceError ?? error;
    throw new ProviderError({ kind: 'unavailable', operation: put.operation, words: describeNetworkError(error) });
  } finally {
    watch.stop();
    put.body.destroy();
  }
}

/**
 * Opens a download from a presigned link; the caller reads the body to its end or destroys it.
 * @throws ProviderError; `storage-refused` means that the link has expired.
 */
export async function getFromStorage(
  agents: ProviderAgents,
  get: { operation: string; url: string; signal: AbortSignal },
): Promise<Readable> {
  try {
    const response = await request(get.url, {
      method: 'GET',
      dispatcher: agents.transfers,
      signal: get.signal,
      headersTimeout: quietMs,
    });
    if (response.statusCode >= 200 && response.statusCode <= 299) {
      refuseHugeClaim(response, mostResultBytes);
      // Who destroys a download before its end is not told of it: nobody listens any more, and the process would end.
      return response.body.on('error', () => undefined);
    }
    throw storageError(get.operation, response.statusCode, await readText(response), response.headers);
  } catch (error) {
    rethrowCancellation(get.signal);
    if (error instanceof ProviderError) throw error;
    throw new ProviderError({ kind: 'unavailable', operation: get.operation, words: describeNetworkError(error) });
  }
}
