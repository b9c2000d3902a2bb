import type { Clock } from './clock.ts';
import type { SimulatedProvider } from './operations.ts';
import type { ReceivedBytes } from './received-bytes.ts';

/** An object in storage: what arrived, without the bytes. */
export interface StoredObject {
  provider: SimulatedProvider;
  key: string;
  sizeBytes: number;
  sha256: string;
  /** As storage answers it, without quotes. */
  etag: string;
  contentType: string;
  /** When it was stored, in milliseconds since the epoch. */
  storedAt: number;
  jobId?: string;
  /** The 1-based index of a TwelveLabs part. */
  partIndex?: number;
}

type Arrival = Pick<StoredObject, 'provider' | 'key' | 'contentType' | 'jobId' | 'partIndex'> & {
  bytes: ReceivedBytes;
};

/** The objects that all four providers store. */
export class Storage {
  readonly #clock: Clock;
  readonly #objects = new Map<string, StoredObject>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Stores an object in place of any other under its key. */
  put({ bytes, ...rest }: Arrival): StoredObject {
    const { sizeBytes, sha256, md5 } = bytes;
    const object: StoredObject = { ...rest, sizeBytes, sha256, etag: md5, storedAt: this.#clock.now() };
    this.#objects.set(`${rest.provider}/${rest.key}`, object);
    return object;
  }

  /** The object under a key. */
  object(provider: SimulatedProvider, key: string): StoredObject | undefined {
    return this.#objects.get(`${provider}/${key}`);
  }

  /** Removes an object; says whether it was there. */
  remove(provider: SimulatedProvider, key: string): boolean {
    return this.#objects.delete(`${provider}/${key}`);
  }

  /** Every stored object, in the order of first storing. */
  objects(provider?: SimulatedProvider): StoredObject[] {
    return [...this.#objects.values()].filter((object) => provider === undefined || object.provider === provider);
  }
}

/** A file name as storage keys take it. */
export function keySafe(filename: string): string {
  return filename.replaceAll(/[^\w.-]/g, '_');
}
