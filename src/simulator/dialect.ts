import type { FastifyRequest } from 'fastify';
import type { Answer } from './answer.ts';
import type { SimulatedProvider } from './operations.ts';

/** How a vendor takes keys and words its errors. */
export interface Dialect {
  provider: SimulatedProvider;
  /** The key that a request carries. */
  keyOf(request: FastifyRequest): string | undefined;
  /** What a request without an accepted key gets. */
  unauthorized(key: string | undefined): Answer;
  /** The vendor's error body; `code` in place of the usual one, where the vendor's errors have one. */
  errorBody(status: number, message: string, code?: string): unknown;
}
