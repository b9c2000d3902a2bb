import type { Operation, SimulatedProvider } from '../../src/simulator/operations.ts';
import type { Expected } from './fault-row.ts';

/** One request of a lifecycle that can go wrong. */
export interface Stage {
  /** As the document's column. */
  title: string;
  operation: Operation;
  /** Calls of the operation that belong to an earlier stage. */
  skip?: number;
  /** How the request looks on the wire, where one operation is not one path; and how many like it come before. */
  method: string;
  path: RegExp;
  skipOnWire?: number;
  /** Whether the request goes to storage, by a presigned URL. */
  storage?: boolean;
  /** Jobs at the provider when the stage begins, in an undisturbed course. */
  jobsBefore: number;
  /** Where the stage ends in a way of its own, by the fault's id. */
  own?: Readonly<Record<string, Expected>>;
}

/** A lifecycle, as far as the matrix is about it. */
export interface Course {
  provider: SimulatedProvider;
  workflowType: string;
  /** Options besides the source. */
  options?: object;
  /** Jobs at the provider after an undisturbed course. */
  jobs: number;
  stages: readonly Stage[];
}

/** The same end for several faults. */
export function each(ids: string, expected: Expected): Record<string, Expected> {
  return Object.fromEntries(ids.split(' ').map((id) => [id, expected]));
}
