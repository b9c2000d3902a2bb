import { patched } from '@temporalio/workflow';

/**
 * Whether this run began with, or may go on by, the code of version 0.2: markers, outcomes in the result store, collects
 * in slots of their own. One mark for all of them, so that it costs a history two events and not two for each; histories
 * of 0.1 go the way that they went.
 */
export function isVersion2(): boolean {
  return patched('version-0.2');
}

/**
 * Whether this run began with, or may go on by, the code of version 0.3: failures as a search attribute, ends of
 * pipelines told and written down. Asked only where it matters, so that a job that ends well has no mark of it.
 */
export function isVersion3(): boolean {
  return patched('version-0.3');
}

/**
 * Whether this run began with, or may go on by, the code of version 0.4: waits that tell a phase by a signal and book
 * nothing. It takes the place of `isVersion2` in a history, and is asked once, at the start of a run, since an answer in the
 * middle would be another one at the next replay.
 */
export function isVersion4(): boolean {
  return patched('version-0.4');
}

/**
 * Whether this run began with, or may go on by, the code of version 0.5: an input with a field that nobody knows is refused,
 * a refused input is told as any other end is, and a pipeline that fails by itself is found by its failure. Asked only there.
 */
export function isVersion5(): boolean {
  return patched('version-0.5');
}
