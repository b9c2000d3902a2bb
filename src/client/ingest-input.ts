import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type PipelineStep, pipelineStrategies, type PipelineStrategy } from '../contract/pipeline.ts';
import { mediaOptions } from '../providers/job-options.ts';
import { withoutNulls } from './canonical-input.ts';
import { canonicalJson } from './input-fingerprint.ts';
import { pipelineSteps } from './pipeline-input.ts';

const ending = z
  .string()
  .regex(/^\.[^\s/\\]{1,30}$/, 'expected an ending such as .dat')
  .transform((written) => written.toLowerCase());

/** What a schedule of an ingest and its workflow take alike. */
export const ingestOptions = {
  steps: pipelineSteps,
  strategy: z.enum(pipelineStrategies).optional(),
  retryFailed: z.int().min(0).max(10).optional(),
  extensions: z
    .union([z.array(ending).max(100), z.record(ending, mediaOptions.mediaType.unwrap())], {
      error: 'expected endings such as [".dat"], or with their media types such as {".dav": "video/mp4"}',
    })
    .optional(),
};

const defaultsOf = ({ provider }: PipelineStep) => pipelineSteps.safeParse([{ provider }]).data?.[0]?.options ?? {};

/**
 * A short hash of what is to be done with a file, equal however it is written. A default counts as absent, so that an
 * option that a later version adds changes nothing; nor does a deadline, which is no part of the result.
 */
export function hashWork(steps: readonly PipelineStep[], strategy: PipelineStrategy = 'all'): string {
  const canonical = pipelineSteps.parse(withoutNulls(pipelineSteps, steps)).map(({ options, ...step }, index) => {
    const defaults = Object.entries(steps[index] === undefined ? {} : defaultsOf(steps[index]));
    const usual = new Map(defaults.map(([name, value]) => [name, canonicalJson(value)]));
    const own = Object.entries(options).filter(
      ([name, value]) => name !== 'deadline' && value !== undefined && canonicalJson(value) !== usual.get(name),
    );
    return { ...step, options: Object.fromEntries(own) };
  });
  return createHash('sha256')
    .update(canonicalJson([canonical, strategy]))
    .digest('hex')
    .slice(0, 16);
}
