import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { CallRecord } from './calls.ts';
import { anyOperation, effectSchemas, isFor } from './faults.ts';
import type { Fault } from './faults.ts';
import type { Operation } from './operations.ts';

/** The shape of weather; see {@link WeatherPlan}. */
export const weatherSchema = z.strictObject({
  seed: z.int(),
  rates: z.array(
    z.discriminatedUnion('kind', [...effectSchemas({ operation: anyOperation, rate: z.number().min(0).max(1) })]),
  ),
});

/**
 * Faults that are drawn: each has the fields of a fault of its kind and a `rate`, the share of matching calls that it
 * strikes. A call is struck by one at most, and the rates of one call add up. What is drawn for the n-th call of an
 * operation depends on the seed, the operation and n alone.
 */
export type WeatherPlan = z.input<typeof weatherSchema>;

/** The weather in force; a fault that was put in force by itself comes before it. */
export class Weather {
  #plan: WeatherPlan | null = null;
  readonly #calls = new Map<Operation, number>();

  /** Begins new weather, its calls counted afresh, or ends it; throws a ZodError where its shape is wrong. */
  set(plan: WeatherPlan | null): void {
    this.#plan = plan === null ? null : weatherSchema.parse(plan);
    this.#calls.clear();
  }

  /** What strikes this call, if anything; notes it in the record. */
  draw(call: CallRecord): Fault | undefined {
    if (!this.#plan) return undefined;
    const count = (this.#calls.get(call.operation) ?? 0) + 1;
    this.#calls.set(call.operation, count);
    let drawn = chance(`${String(this.#plan.seed)} ${call.operation} ${String(count)}`);
    for (const fault of this.#plan.rates) {
      if (!isFor(fault.operation, call)) continue;
      if (drawn < fault.rate) {
        call.weather = describe(fault);
        return fault;
      }
      drawn -= fault.rate;
    }
    return undefined;
  }
}

/** A number in [0, 1) that is the same for the same words. */
function chance(words: string): number {
  return createHash('sha256').update(words).digest().readUInt32BE() / 2 ** 32;
}

function describe(fault: Fault): string {
  if (fault.kind !== 'status') return fault.kind;
  const { status, code, retryAfter } = fault;
  const more = [...(code === undefined ? [] : [code]), ...(retryAfter ? ['Retry-After'] : [])];
  return ['status', String(status), ...more].join(' ');
}
