import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Puts the words of failures into a payload, where the codec encrypts them. Loaded by its path, into workers and into
 * workflow bundles, so it stays plain JavaScript that needs no compiler.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
