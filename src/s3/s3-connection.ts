import type * as ClientS3 from '@aws-sdk/client-s3';
import type * as LibStorage from '@aws-sdk/lib-storage';
import { type ForwardProxies, isDirect, noProxies } from '../http/forward-proxy.ts';
import { createProxiedHandler } from './s3-proxied-handler.ts';
import { S3PackagesMissingError } from './s3-packages-missing.ts';

/** AWS's own packages, which who keeps nothing in S3 does without. */
export interface S3Packages {
  s3: typeof ClientS3;
  storage: typeof LibStorage;
}

/** A client of S3, with the packages that its commands are from. */
export interface S3 extends S3Packages {
  client: ClientS3.S3Client;
}

/** Loads AWS's packages; throws a `S3PackagesMissingError` where they are not installed. */
export async function loadS3Packages(): Promise<S3Packages> {
  try {
    // Each awaited in the `try`: so bundlers see that a program may be without.
    const s3 = await import('@aws-sdk/client-s3');
    const storage = await import('@aws-sdk/lib-storage');
    return { s3, storage };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    throw new S3PackagesMissingError(
      "s3: addresses need AWS's packages: npm install @aws-sdk/client-s3 @aws-sdk/lib-storage",
    );
  }
}

// As AWS's command line does where nobody says more; a bucket elsewhere is found by S3's own redirect.
const anyRegion = 'us-east-1';

const connectTimeoutMs = 10_000;
// Until the answer begins, with one part of an upload before it; how long a body may be quiet is for its reader.
const answerTimeoutMs = 120_000;
// A part that nobody reads for the moment holds its socket.
const sockets = { maxSockets: 256 };

const direct = {
  connectionTimeout: connectTimeoutMs,
  requestTimeout: answerTimeoutMs,
  throwOnRequestTimeout: true,
  httpAgent: sockets,
  httpsAgent: sockets,
};

async function connect(proxies: ForwardProxies): Promise<S3> {
  const packages = await loadS3Packages();
  const { S3Client } = packages.s3;
  const probe = new S3Client({});
  // Hosts that are not AWS's seldom have a name for each bucket.
  const { serviceConfiguredEndpoint: findEndpoint } = probe.config as {
    serviceConfiguredEndpoint?: () => Promise<string | undefined>;
  };
  const forcePathStyle = (await findEndpoint?.()) !== undefined;
  const region = await probe.config.region().catch(() => anyRegion);
  probe.destroy();
  const requestHandler = isDirect(proxies)
    ? direct
    : createProxiedHandler(proxies, { connectTimeoutMs, answerTimeoutMs });
  const options = { followRegionRedirects: true, requestHandler } as ClientS3.S3ClientConfig;
  return { ...packages, client: new S3Client({ ...options, region, forcePathStyle }) };
}

/**
 * A connection to S3 with credentials, region and endpoint as AWS's tools take them (`AWS_ACCESS_KEY_ID`, `AWS_PROFILE`,
 * `AWS_REGION`, `AWS_ENDPOINT_URL_S3`, roles, …), path style where an endpoint is given. Nothing of it is loaded or read before the
 * first use.
 */
export class S3Connection {
  readonly #proxies: ForwardProxies;
  #opened: Promise<S3> | null = null;

  /** `proxies`, as a configuration has them, lead to it; default none. */
  constructor({ proxies = noProxies }: { proxies?: ForwardProxies } = {}) {
    this.#proxies = proxies;
  }

  /** The client, made when it is first asked for; throws a `S3PackagesMissingError`. */
  open(): Promise<S3> {
    this.#opened ??= connect(this.#proxies).catch((error: unknown) => {
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }

  /** Closes what is open; never rejects. */
  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => null);
    opened?.client.destroy();
  }
}
