import type { Answer } from './answer.ts';
import { RefusalError } from './answer.ts';
import type { Call } from './call.ts';
import type { Dialect } from './dialect.ts';
import type { Endpoint, Identity } from './endpoint.ts';
import { unknownOperation } from './operations.ts';
import type { SimulatedProvider } from './operations.ts';
import type { Grant } from './presigned-urls.ts';
import type { ReceivedBytes } from './received-bytes.ts';
import { storageError } from './storage-error.ts';
import type { World } from './world.ts';

/** The code that S3 gives most often with a status. */
const codes: Record<number, string> = { 401: 'AccessDenied', 403: 'AccessDenied', 404: 'NoSuchKey', 503: 'SlowDown' };

/** Storage speaks for each provider in the words of S3 and takes no key. */
export function storageDialect(provider: SimulatedProvider): Dialect {
  return {
    provider,
    keyOf: () => undefined,
    unauthorized: () => storageError(403, 'AccessDenied', 'Access denied'),
    errorBody: (status, message, code) =>
      storageError(status, code ?? codes[status] ?? (status >= 500 ? 'InternalError' : 'InvalidRequest'), message).body,
  };
}

/** PUT and GET of the presigned URLs of one provider. */
export function storageEndpoints(world: World, provider: SimulatedProvider): Endpoint[] {
  const shared = {
    path: `/storage/${provider}/*`,
    operation: unknownOperation(provider),
    keyless: true,
    identify: (call: Call) => identify(world, provider, call),
  };
  return [
    { ...shared, method: 'PUT', handle: (call) => put(world, call) },
    { ...shared, method: 'GET', handle: (call) => get(world, call) },
  ];
}

function signatureOf(call: Call): string {
  return (call.request.query as Record<string, string | undefined>)['X-Amz-Signature'] ?? '';
}

function identify(world: World, provider: SimulatedProvider, call: Call): Identity {
  const grant = world.presignedUrls.attempt(signatureOf(call));
  return grant ? { operation: grant.operation, ...about(grant) } : { operation: unknownOperation(provider) };
}

function about({ jobId, partIndex }: Grant): { jobId?: string; partIndex?: number } {
  return { ...(jobId === undefined ? {} : { jobId }), ...(partIndex === undefined ? {} : { partIndex }) };
}

function admit(world: World, call: Call): Grant {
  const { method, headers } = call.request;
  return world.presignedUrls.admit({ signature: signatureOf(call), method, key: call.parameter('*'), headers });
}

async function put(world: World, call: Call): Promise<Answer> {
  const grant = admit(world, call);
  const bytes = await call.receive(call.raw, grant.exactSizeBytes);
  refuseWrongLength(grant, call, bytes);
  const contentType = call.request.headers['content-type'] ?? 'application/octet-stream';
  const { provider, key } = grant;
  const object = world.storage.put({ provider, key, contentType, bytes, ...about(grant) });
  await grant.onStored?.(object, bytes);
  return { status: 200, headers: { etag: `"${object.etag}"` } };
}

/** A body that is shorter than announced never gets here: see `createServer`. */
function refuseWrongLength(grant: Grant, call: Call, { sizeBytes }: ReceivedBytes): void {
  const refuse = (status: number, code: string, message: string) => {
    throw new RefusalError(storageError(status, code, message));
  };
  const { exactSizeBytes, maxSizeBytes = Number.POSITIVE_INFINITY } = grant;
  if (call.request.headers['content-length'] === undefined) {
    refuse(411, 'MissingContentLength', 'The Content-Length header is required');
  }
  if (sizeBytes > (exactSizeBytes ?? maxSizeBytes)) refuse(400, 'EntityTooLarge', 'The object is larger than allowed');
  if (sizeBytes < (exactSizeBytes ?? 0)) refuse(400, 'EntityTooSmall', 'The object is smaller than allowed');
}

function get(world: World, call: Call): Answer {
  const served = admit(world, call).content?.();
  if (!served) return storageError(404, 'NoSuchKey', 'The specified key does not exist');
  return { status: 200, body: served.body, headers: { 'content-type': served.contentType } };
}
