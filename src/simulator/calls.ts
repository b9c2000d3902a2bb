import { simulatedProviders } from './operations.ts';
import type { Operation, SimulatedProvider } from './operations.ts';

/** One request as the simulator saw it; held in memory in order of arrival. */
export interface CallRecord {
  /** When the request arrived, in milliseconds since the epoch. */
  at: number;
  provider: SimulatedProvider;
  operation: Operation;
  method: string;
  /** The path without its query, where signatures live. */
  path: string;
  /** `open` while no answer was given, `cut` where the connection ended without a whole answer. */
  state: 'open' | 'answered' | 'cut';
  /** The status code that was chosen; null while open or where none was sent. */
  status: number | null;
  jobId?: string;
  /** The 1-based index of a TwelveLabs part. */
  partIndex?: number;
  bytesReceived: number;
  /** Which of the provider's accepted keys was used; null for none or a wrong one. */
  keyIndex: number | null;
  /** The id of the fault that struck this call. */
  faultId?: string;
  /** What the weather drew for this call, for instance `cut-after` or `status 503`. */
  weather?: string;
}

/** Which calls to give; an absent field admits all. */
export interface CallFilter {
  provider?: SimulatedProvider;
  operation?: Operation;
  jobId?: string;
}

/** Sums over everything since the start. */
export interface Counters {
  /** Requests and body bytes per operation; operations that were never called are absent. */
  operations: Partial<Record<Operation, { calls: number; bytesReceived: number }>>;
  /** How often each part was received whole, per TwelveLabs upload id and 1-based index. */
  parts: Record<string, Record<number, number>>;
  /** Jobs created per provider: Soket uploads and batches, TwelveLabs sessions and direct assets, Tiro and SLNG jobs. */
  jobsCreated: Record<SimulatedProvider, number>;
  /** How often the weather drew what, per operation. */
  weather: Partial<Record<Operation, Record<string, number>>>;
}

/** The record of every request, and the counters drawn from it. */
export class CallLog {
  readonly #calls: CallRecord[] = [];
  readonly #parts = new Map<string, Map<number, number>>();
  readonly #jobsCreated = new Map<SimulatedProvider, number>();

  /** Appends a request that has just arrived; the record is filled in as it is served. */
  open(call: Omit<CallRecord, 'state' | 'status' | 'bytesReceived'>): CallRecord {
    const record: CallRecord = { ...call, state: 'open', status: null, bytesReceived: 0 };
    this.#calls.push(record);
    return record;
  }

  /** Counts a part that was received whole and stored. */
  countPart(uploadId: string, partIndex: number): void {
    const parts = this.#parts.get(uploadId) ?? new Map<number, number>();
    parts.set(partIndex, (parts.get(partIndex) ?? 0) + 1);
    this.#parts.set(uploadId, parts);
  }

  /** Counts a created job. */
  countJob(provider: SimulatedProvider): void {
    this.#jobsCreated.set(provider, (this.#jobsCreated.get(provider) ?? 0) + 1);
  }

  /** Copies of the matching records in order of arrival. */
  list(filter: CallFilter = {}): CallRecord[] {
    return this.#calls
      .filter(
        (call) =>
          (filter.provider === undefined || call.provider === filter.provider) &&
          (filter.operation === undefined || call.operation === filter.operation) &&
          (filter.jobId === undefined || call.jobId === filter.jobId),
      )
      .map((call) => ({ ...call }));
  }

  /** The sums so far. */
  counters(): Counters {
    const sums: Counters['operations'] = {};
    const weather: Counters['weather'] = {};
    for (const call of this.#calls) {
      const sum = (sums[call.operation] ??= { calls: 0, bytesReceived: 0 });
      sum.calls += 1;
      sum.bytesReceived += call.bytesReceived;
      if (call.weather === undefined) continue;
      const drawn = (weather[call.operation] ??= {});
      drawn[call.weather] = (drawn[call.weather] ?? 0) + 1;
    }
    const parts = Object.fromEntries([...this.#parts].map(([id, counts]) => [id, Object.fromEntries(counts)]));
    const jobsCreated = Object.fromEntries(
      simulatedProviders.map((provider) => [provider, this.#jobsCreated.get(provider) ?? 0]),
    ) as Record<SimulatedProvider, number>;
    return { operations: sums, parts, jobsCreated, weather };
  }
}
