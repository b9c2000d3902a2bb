import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { RefusalError } from './answer.ts';
import type { Clock } from './clock.ts';
import type { Operation, SimulatedProvider } from './operations.ts';
import type { ReceivedBytes } from './received-bytes.ts';
import { storageError } from './storage-error.ts';
import type { StoredObject } from './storage.ts';

/** What one presigned URL allows. */
export interface Grant {
  provider: SimulatedProvider;
  operation: Operation;
  method: 'PUT' | 'GET';
  key: string;
  lifetimeMs: number;
  jobId?: string;
  partIndex?: number;
  /** Headers that the request must carry with these values. */
  demandedHeaders?: Record<string, string>;
  maxSizeBytes?: number;
  /** The only length that is taken; the bytes are kept for `onStored`. */
  exactSizeBytes?: number;
  /** Good for one request, whatever becomes of it; any other is good until it expires, as presigned URLs of S3 are. */
  singleUse?: true;
  /** Hears of the stored object. */
  onStored?: (object: StoredObject, bytes: ReceivedBytes) => void | Promise<void>;
  /** What a GET serves. */
  content?: () => { body: string; contentType: string };
}

interface IssuedGrant extends Grant {
  expiresAt: number;
  attempts: number;
}

/** The presigned URLs of all four providers: each for one method, one key and a limited time. */
export class PresignedUrls {
  readonly #clock: Clock;
  readonly #grants = new Map<string, IssuedGrant>();
  readonly #last = new Map<SimulatedProvider, string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Issues a URL at this origin and tells when it expires, in milliseconds since the epoch. */
  issue(origin: string, grant: Grant): { url: string; expiresAt: number } {
    const now = this.#clock.now();
    const signature = randomBytes(32).toString('hex');
    const expiresAt = this.#clock.after(now, grant.lifetimeMs);
    this.#grants.set(signature, { ...grant, expiresAt, attempts: 0 });
    const query = new URLSearchParams({
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Date': new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, ''),
      'X-Amz-Expires': String(Math.max(1, Math.round((expiresAt - now) / 1000))),
      'X-Amz-SignedHeaders': ['host', ...Object.keys(grant.demandedHeaders ?? {})].join(';').toLowerCase(),
      'X-Amz-Signature': signature,
    });
    const url = `${origin}/storage/${grant.provider}/${grant.key}?${query.toString()}`;
    this.#last.set(grant.provider, url);
    return { url, expiresAt };
  }

  /** The URL that was last issued for a provider. */
  last(provider: SimulatedProvider): string | undefined {
    return this.#last.get(provider);
  }

  /** The grant behind a signature, good or not, with this request counted as an attempt to use it. */
  attempt(signature: string): Grant | undefined {
    const grant = this.#grants.get(signature);
    if (grant) grant.attempts += 1;
    return grant;
  }

  /** The grant that lets this request in; throws a RefusalError as S3 words it. */
  admit(request: { signature: string; method: string; key: string; headers: IncomingHttpHeaders }): Grant {
    const grant = this.#grants.get(request.signature);
    const { headers, method, key } = request;
    if (headers.authorization !== undefined || headers['x-api-key'] !== undefined) {
      throw new RefusalError(storageError(400, 'InvalidArgument', 'Only one auth mechanism allowed'));
    }
    const demanded = Object.entries(grant?.demandedHeaders ?? {});
    const headersFit = demanded.every(([name, value]) => headers[name.toLowerCase()] === value);
    // A form would be stored with its boundaries and be no media any more.
    const isForm = headers['content-type']?.startsWith('multipart/') === true;
    if (grant?.method !== method || grant.key !== key || !headersFit || isForm) {
      const message = 'The signature does not match the key, method or headers';
      throw new RefusalError(storageError(403, 'SignatureDoesNotMatch', message));
    }
    if (this.#clock.now() >= grant.expiresAt) throw denied('Request has expired');
    if (grant.singleUse === true && grant.attempts > 1) throw denied('The URL was already used');
    return grant;
  }
}

function denied(message: string): RefusalError {
  return new RefusalError(storageError(403, 'AccessDenied', message));
}
