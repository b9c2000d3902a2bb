import { z } from 'zod';
import { jobOptions, mediaOptions, sourceUri } from '../job-options.ts';
import type { Lifecycle } from '../provider.ts';

/** The kinds of assets that TwelveLabs takes. */
export const assetTypes = ['video', 'audio', 'image'] as const;

/** What an asset is, in the vendor's words. */
export type AssetType = (typeof assetTypes)[number];

/** Input of the `twelvelabsUpload` workflow; option names are the vendor's, save `concurrency`. */
export const twelvelabsUploadInput = z.strictObject({
  source: sourceUri,
  /** The asset's name; the file's own where none is given. */
  filename: z.string().min(1).max(255).optional(),
  /** By the media type of the file where none is given. */
  type: z.enum(assetTypes).optional(),
  enable_hls: z.boolean().default(false),
  enable_thumbnail: z.boolean().default(false),
  /** Without `provider_jobs`, which is ours: there stands the job's marker. */
  user_metadata: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .refine((fields) => !Object.hasOwn(fields, 'provider_jobs'), {
      error: 'provider_jobs is set by provider-jobs itself; choose another name',
    })
    .optional(),
  /** How many chunks are sent at once; as many as in the vendor's own client where nothing is said. */
  concurrency: z.int().min(1).max(16).default(5),
  ...mediaOptions,
  ...jobOptions,
});

/** What TwelveLabs takes of each kind, in bytes (the vendor's page since 2026-07-23). */
export const maxAssetBytes: Readonly<Record<AssetType, number>> = {
  video: 10_000_000_000,
  audio: 10_000_000_000,
  image: 32_000_000,
};

const dayMs = 24 * 3_600_000;

/** From a media file to an asset that is ready to be indexed or analysed. */
export const twelvelabsUpload = {
  input: twelvelabsUploadInput,
  resource: 'asset',
  makes: [
    { activity: 'createTwelveLabsUpload', what: 'upload session' },
    { activity: 'uploadTwelveLabsChunks', what: 'missing chunks', isFoundAgain: true },
  ],
  limits: { maxBytes: maxAssetBytes.video, inParts: true },
  processingTime: () => null,
  defaultDeadlineMs: () => dayMs,
} as const satisfies Lifecycle;
