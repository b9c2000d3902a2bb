import { z } from 'zod';
import type { SimulatedProvider } from './operations.ts';
import { scriptSchema } from './script.ts';

const script = scriptSchema.optional();
const durationMs = z.number().nonnegative().optional();
const outcome = z.enum(['succeeded', 'failed']).optional();
const whichFiles = z.union([z.literal('all'), z.array(z.int().nonnegative())]).optional();
const shared = {
  /** The job, made or yet to be made, that this is for; without it, the next ones. */
  jobId: z.string().optional(),
  /** For how many of the next jobs (default 1); null is all. */
  jobs: z.int().positive().nullable().optional(),
  /** What a failed job says, null for nothing where the vendor's field may be null. */
  message: z.string().nullable().optional(),
};

/** The shape of each provider's plan. Durations are milliseconds before the time scale divides them. */
export const planSchemas = {
  /** `durationMs` runs from upload-complete; `script` is for the job's status. */
  tiro: z.strictObject({ ...shared, durationMs, outcome, script }),
  /** `durationMs` runs from the arrival of the input; `expiredAfterMs` sets `expired_at` that long after completion. */
  slng: z.strictObject({
    ...shared,
    durationMs,
    outcome,
    script,
    expiredAfterMs: durationMs,
    /** What a second create with the same job id gives; the vendor does not say (default `conflict`, 409). */
    duplicateJobId: z.enum(['conflict', 'same-job']).optional(),
  }),
  /** A plan taken by an upload also serves the batch made of it. Files are counted from 0 in each. */
  soket: z.strictObject({
    ...shared,
    uploadDurationMs: durationMs,
    durationMs,
    failedUploads: whichFiles,
    failedFiles: whichFiles,
    uploadScript: script,
    script,
    /** Whether the batch status has the counters of the development mode too. */
    developmentFields: z.boolean().optional(),
  }),
  /** `script` is the session's; `durationMs`, `outcome`, `message` and `assetScript` are its asset's. */
  twelvelabs: z.strictObject({
    ...shared,
    /** From the last report to `completed`. */
    assembleMs: durationMs,
    durationMs,
    outcome,
    script,
    assetScript: script,
    chunkSizeBytes: z.int().positive().optional(),
    /** Headers that storage demands besides the content type. */
    uploadHeaders: z.record(z.string(), z.string()).optional(),
    /** Keeps the session `active` with full counters. */
    holdActive: z.boolean().optional(),
    /** Ends the session once so many parts are completed. */
    sessionEnd: z.strictObject({ status: z.enum(['failed', 'expired']), afterParts: z.int().nonnegative() }).optional(),
    /** Parts that show as `failed` though uploaded and reported well, so many times (default 1). */
    failedChunks: z
      .array(
        z.strictObject({
          index: z.int().positive(),
          times: z.int().positive().optional(),
          error: z.string().optional(),
        }),
      )
      .optional(),
    /** URLs are good until they expire, as presigned URLs of S3 are, and not for one request only (default false). */
    reusableUrls: z.boolean().optional(),
    /** Lists untouched parts in the status too; the vendor does not say (default false). */
    listAllChunks: z.boolean().optional(),
    /** An index refers to the asset: deleting it answers 409 without `force`. */
    assetReferenced: z.boolean().optional(),
  }),
};

/** How the next jobs, or one job, of each provider behave; every field is explained at `planSchemas`. */
export type Plans = { [P in SimulatedProvider]: z.infer<(typeof planSchemas)[P]> };
