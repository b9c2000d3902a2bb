import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Dispatcher, request } from 'undici';
import type { ProviderAgents } from '../../http/agents.ts';
import { describeNetworkError, rethrowCancellation } from '../../http/network-error.ts';
import { isTooLarge, mostResultBytes, readText, refuseHugeClaim } from '../../http/response-size.ts';
import { watchSilence } from '../../http/silence-watch.ts';
import { countedRequest, outcomeOf } from './counted-request.ts';
import { ProviderError } from './provider-error.ts';
import { toStorageError } from './storage-error.ts';

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

/** One download from a presigned link. */
export type StorageGet = Pick<StoragePut, 'operation' | 'url' | 'signal'>;

const connectionHeaders =
  /^(host|content-length|connection|proxy-connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect)$/;

// Providers hand out headers in any case, also some that only the connection may set, and that cannot be sent at all.
function sendable(headers: Record<string, string>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(
    entries.filter(
      ([name, value]) =>
        !connectionHeaders.test(name) && /^[!#$%&'*+.^`|~\w-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value),
    ),
  );
}

async function checkStatus(
  request: Parameters<typeof toStorageError>[0],
  response: Dispatcher.ResponseData,
): Promise<void> {
  const { statusCode: status, headers } = response;
  if (status > 299) throw toStorageError(request, { status, headers, text: await readText(response) });
}

/**
 * Uploads raw bytes to storage with an exact content length and gives back the ETag without its quotes (empty where
 * storage sends none). No key of ours goes along.
 * @throws ProviderError; `storage-refused` means that the URL is spent or expired.
 */
export function putToStorage(agents: ProviderAgents, put: StoragePut): Promise<{ etag: string }> {
  return countedRequest(agents.observer, 'upload to storage', () => sendPut(agents, put));
}

async function sendPut({ transfers, observer }: ProviderAgents, put: StoragePut): Promise<{ etag: string }> {
  let isTaken = false;
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
      dispatcher: transfers,
      signal: watch.signal,
      headers: { ...sendable(put.headers), 'content-length': String(put.sizeBytes) },
      body: watch.passage,
    });
    await checkStatus({ operation: put.operation, method: 'PUT' }, response);
    await response.body.dump();
    await feeding;
    isTaken = true;
    const etag = response.headers.etag;
    return { etag: (Array.isArray(etag) ? (etag[0] ?? '') : (etag ?? '')).replaceAll('"', '') };
  } catch (error) {
    rethrowCancellation(put.signal);
    if (error instanceof ProviderError || sourceError !== null) throw sourceError ?? error;
    throw new ProviderError({ kind: 'unavailable', operation: put.operation, words: describeNetworkError(error) });
  } finally {
    watch.stop();
    observer?.sent(watch.passed(), isTaken);
    put.body.destroy();
  }
}

/**
 * Opens a download from a presigned link; the caller reads the body to its end or destroys it.
 * @throws ProviderError; `storage-refused` means that the link has expired.
 */
export async function getFromStorage(agents: ProviderAgents, get: StorageGet): Promise<Readable> {
  const ended = (outcome: string) => agents.observer?.ended('download from storage', outcome);
  try {
    const body = await openGet(agents, get);
    // Only at its end is it known whether all of it came.
    return body.once('close', () => ended(body.readableEnded ? 'ok' : howItBroke(body.errored, get.signal)));
  } catch (error) {
    ended(outcomeOf(error));
    throw error;
  }
}

/** What ended a download: its reader, by going away or by a fault of its own, or the network. */
function howItBroke(error: Error | null, signal: AbortSignal): string {
  if (isTooLarge(error)) return 'too-large';
  const code = error !== null && 'code' in error ? String(error.code) : '';
  const isNetworks = /^(UND_ERR_(?!ABORTED)|ECONNRESET$|EPIPE$|ETIMEDOUT$)/.test(code);
  return isNetworks && !signal.aborted ? 'unavailable' : 'broken-off';
}

async function openGet({ transfers }: ProviderAgents, get: StorageGet): Promise<Readable> {
  try {
    const response = await request(get.url, {
      method: 'GET',
      dispatcher: transfers,
      signal: get.signal,
      headersTimeout: quietMs,
    });
    await checkStatus({ operation: get.operation, method: 'GET' }, response);
    refuseHugeClaim(response, mostResultBytes);
    // Who destroys a download before its end is not told of it: nobody listens any more, and the process would end.
    return response.body.on('error', () => undefined);
  } catch (error) {
    rethrowCancellation(get.signal);
    if (error instanceof ProviderError) throw error;
    const kind = isTooLarge(error) ? 'too-large' : 'unavailable';
    throw new ProviderError({ kind, operation: get.operation, words: describeNetworkError(error) });
  }
}
