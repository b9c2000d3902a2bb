import type { FailureType } from '../../src/contract/failures.ts';
import type { Fault } from '../../src/simulator/index.ts';
import type { Operation } from '../../src/simulator/operations.ts';

/** How a cell ends, or why it cannot be. */
export type Expected =
  | {
      end: 'succeeded' | FailureType;
      /** Jobs at the provider beyond those of an undisturbed course up to this end; default 0. */
      orphans?: number;
      /** So many or fewer: how often it is tried is a matter of milliseconds. */
      orFewer?: true;
      /** Another end that is as right: which of the two comes is a matter of milliseconds. */
      or?: FailureType;
      /** A result is stored as it came, whatever it holds. */
      asItCame?: true;
      /** The fault outlasts the deadline, and is gone soon after it. */
      outlasted?: true;
    }
  | { cannot: string };

/** What happens to requests on their way, before a simulator could answer them. */
export type WireKind = 'refused' | 'no-such-name' | 'not-trusted' | 'huge' | 'clock-ahead' | 'clock-behind';

/** Which of the simulator's calls a fault is for. */
export interface Target {
  operation: Operation;
  /** How many calls pass before. */
  skip: number;
}

/** What goes wrong: at the simulator, or with the first so many requests on the wire (`Infinity` for all). */
export type Strike = { fault: (target: Target) => Fault } | { wire: WireKind; times: number };

/** One fault, and how a stage ends that has nothing of its own to say about it. */
export interface FaultRow {
  id: string;
  title: string;
  strike: Strike;
  /** At calls of the provider's API. */
  api: Expected;
  /** At calls of its storage. */
  storage: Expected;
  /** Real milliseconds; only where the course is to run into it. */
  deadlineMs?: number;
}

/** The course goes on as if nothing had been. */
export const succeeds: Expected = { end: 'succeeded' };

/** Goes on, with jobs left behind at the provider that have no file or no follower. */
export const leaves = (orphans: number): Expected => ({ end: 'succeeded', orphans });

/** Goes on; what was struck is a result, and it is stored byte for byte. */
export const storesAsItCame: Expected = { end: 'succeeded', asItCame: true };

/** The next try is made just before the deadline, and the steps after it have what is left. */
export const justInTime: Expected = { end: 'succeeded', or: 'DeadlineExceeded' };

/** Goes on after a fault that outlasts the deadline: results are tried for a day. */
export const outlasts: Expected = { end: 'succeeded', outlasted: true };

/** Ends the workflow as Failed. */
export const fails = (type: FailureType, orphans = 0): Expected => ({ end: type, orphans });

/** There is no such cell. */
export const cannot = (reason: string): Expected => ({ cannot: reason });
