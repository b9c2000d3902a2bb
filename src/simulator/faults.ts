import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { CallRecord } from './calls.ts';
import { operations, simulatedProviders } from './operations.ts';

const wildcards = ['*', ...simulatedProviders.map((provider) => `${provider}.*` as const)] as const;

/** The calls that something is for: one operation, all of a provider (`tiro.*`) or all (`*`). */
export const anyOperation = z.enum([...operations, ...wildcards]);

const target = {
  /** An operation, all of a provider (`tiro.*`) or all (`*`). */
  operation: anyOperation,
  /** How many matching calls it strikes (default 1); null is all until cleared. */
  times: z.int().positive().nullable().optional(),
  /** How many matching calls pass before the first is struck (default 0). */
  skip: z.int().nonnegative().optional(),
  /** Only calls about this job, or this 1-based part. */
  match: z.strictObject({ jobId: z.string().optional(), partIndex: z.int().optional() }).optional(),
};
const headers = z.record(z.string(), z.string()).optional();
const statusCode = z.int().min(200).max(599);

/** The shapes of what can go wrong with one call, each with the `shared` fields. */
export const effectSchemas = <T extends z.ZodRawShape>(shared: T) =>
  [
    z.strictObject({
      kind: z.literal('status'),
      ...shared,
      status: statusCode,
      code: z.string().optional(),
      body: z.unknown().optional(),
      headers,
      retryAfter: z.strictObject({ form: z.enum(['seconds', 'date']), seconds: z.number().nonnegative() }).optional(),
    }),
    z.strictObject({ kind: z.literal('delay'), ...shared, delayMs: z.number().nonnegative() }),
    z.strictObject({
      kind: z.literal('drip'),
      ...shared,
      delayMs: z.number().nonnegative(),
      chunkSizeBytes: z.int().positive().optional(),
    }),
    z.strictObject({ kind: z.literal('cut'), ...shared }),
    z.strictObject({ kind: z.literal('cut-after'), ...shared }),
    z.strictObject({ kind: z.literal('body'), ...shared, body: z.string(), status: statusCode.optional(), headers }),
    z.strictObject({ kind: z.literal('echo'), ...shared, status: statusCode.optional() }),
    z.strictObject({ kind: z.literal('redirect'), ...shared, location: z.string(), status: statusCode.optional() }),
  ] as const;

/** The shape of a fault; see {@link Fault}. */
export const faultSchema = z.discriminatedUnion('kind', [
  ...effectSchemas(target),
  z.strictObject({ kind: z.literal('hold'), ...target }),
]);

/**
 * Something that goes wrong with matching calls. Delays are real milliseconds, not divided by the time scale.
 *
 * - `status` answers instead of handling: `body` is sent as it is where it is text, else as JSON, else the vendor's own
 *   error, with `code` in place of its usual code; `retryAfter` adds the header in either form.
 * - `delay` waits, then handles; `drip` handles, then sends the body in small pieces (default 16 bytes) with pauses.
 * - `cut` ends the connection with nothing done; `cut-after` does everything and then ends it: the lost answer.
 * - `hold` keeps the request open, its body read, until released; then handles it, unless the client has gone.
 * - `body` handles, then sends this text in place of the body; `echo` refuses (default 400) with a body that repeats
 *   the key and the last presigned URL; `redirect` answers with a location (default 307).
 */
export type Fault = z.input<typeof faultSchema>;

interface ActiveFault {
  id: string;
  fault: Fault;
  skipsLeft: number;
  timesLeft: number;
  waiting: (() => void)[];
}

/** The faults in force, tried in the order in which they were added; a call is struck by one at most. */
export class FaultBook {
  readonly #active = new Map<string, ActiveFault>();

  /** Puts a fault in force and gives its id; throws a ZodError where its shape is wrong. */
  add(input: Fault): string {
    const fault = faultSchema.parse(input);
    const id = randomUUID();
    const timesLeft = fault.times === null ? Number.POSITIVE_INFINITY : (fault.times ?? 1);
    this.#active.set(id, { id, fault, skipsLeft: fault.skip ?? 0, timesLeft, waiting: [] });
    return id;
  }

  /** Ends every fault and lets held calls go on. */
  clear(): void {
    for (const id of [...this.#active.keys()]) this.release(id);
  }

  /** Ends one fault and lets the calls it holds go on; says whether it existed. */
  release(id: string): boolean {
    const active = this.#active.get(id);
    this.#active.delete(id);
    for (const resume of active?.waiting ?? []) resume();
    return active !== undefined;
  }

  /** The fault that strikes this call, counted as used; notes it in the record. */
  take(call: CallRecord): Fault | undefined {
    for (const active of this.#active.values()) {
      if (active.timesLeft <= 0 || !matches(active.fault, call)) continue;
      if (active.skipsLeft > 0) {
        active.skipsLeft -= 1;
        continue;
      }
      active.timesLeft -= 1;
      call.faultId = active.id;
      return active.fault;
    }
    return undefined;
  }

  /** Resolves once the fault is released or cleared. */
  async held(id: string): Promise<void> {
    const active = this.#active.get(id);
    if (active) await new Promise<void>((resume) => active.waiting.push(resume));
  }
}

function matches(fault: Fault, call: CallRecord): boolean {
  const { operation, match } = fault;
  return (
    isFor(operation, call) &&
    (match?.jobId === undefined || match.jobId === call.jobId) &&
    (match?.partIndex === undefined || match.partIndex === call.partIndex)
  );
}

/** Whether a call is of this operation, or among those that a wildcard means. */
export function isFor(operation: Fault['operation'], call: Pick<CallRecord, 'provider' | 'operation'>): boolean {
  return operation === '*' || operation === call.operation || operation === `${call.provider}.*`;
}
