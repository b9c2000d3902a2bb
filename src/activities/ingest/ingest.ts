import { isAbsolute } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { getClient } from '@temporalio/activity';
import envPaths from 'env-paths';
import { z } from 'zod';
import { withoutNulls } from '../../client/canonical-input.ts';
import { hashWork, ingestOptions } from '../../client/ingest-input.ts';
import { findSizeFault } from '../../client/input-size.ts';
import type { ScanDirectoryInput, ScanDirectoryResult } from '../../contract/ingest.ts';
import { S3Connection } from '../../s3/s3-connection.ts';
import { isS3Uri, parseS3Folder } from '../../s3/s3-uri.ts';
import { parseDurationMs } from '../../polling/duration.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import type { Attempt } from '../patience/attempt.ts';
import { refuse } from '../patience/failure.ts';
import { patiently } from '../patience/patiently.ts';
import { FileCache } from './file-cache.ts';
import { directoryPlace } from './media-place.ts';
import { s3Place } from './s3-place.ts';
import { scan, type ScanMemory } from './scan.ts';
import { Starter } from './starter.ts';
import { emptyTally, note, resultOf } from './tally.ts';

const defaultSettleForMs = 10_000;
// Between two looks at files that are news: their size must be the same twice, whatever the times say.
const betweenLooksMs = 1000;

/** Validates the input of the `ingest` workflow. */
export const ingestInput = z.object({
  directory: z.string().refine((path) => (isS3Uri(path) ? parseS3Folder(path) !== null : isAbsolute(path)), {
    error: 'expected an absolute path, or s3://bucket/prefix',
  }),
  settleFor: z
    .union([z.string(), z.number()])
    .refine((written) => parseDurationMs(written) !== null, { error: 'expected a duration, for instance 10s' })
    .default(defaultSettleForMs),
  ...ingestOptions,
});

/** The endings that count as media besides, each with the media type that its jobs are told. */
function endingsOf(extensions: z.infer<typeof ingestInput>['extensions'] = []): Map<string, string | undefined> {
  return new Map(
    Array.isArray(extensions) ? extensions.map((ending) => [ending, undefined]) : Object.entries(extensions),
  );
}

/** Makes the activity that finds the media files of a directory or of a bucket's prefix that have settled, and starts the pipelines that are missing. */
export function createIngestActivities(
  { results, s3 = new S3Connection(), ...pace }: Pick<ActivityDependencies, 'results' | 's3' | 'timeScale' | 'random'>,
  cacheDirectory = envPaths('provider-jobs', { suffix: '' }).cache,
) {
  const { timeScale } = pace;
  return {
    scanDirectory: patiently(
      pace,
      'before',
      async (input: ScanDirectoryInput, attempt: Attempt<ScanMemory>): Promise<ScanDirectoryResult> => {
        const {
          directory,
          settleFor,
          extensions,
          retryFailed = 0,
        } = ingestInput.parse(withoutNulls(ingestInput, input));
        const oversized = findSizeFault({ steps: input.steps });
        if (oversized !== null) refuse(`${oversized.field}: ${oversized.problem}`);
        const endings = endingsOf(extensions);
        const listing = emptyTally();
        const bucket = parseS3Folder(directory);
        const place = bucket === null ? directoryPlace(directory) : s3Place(bucket, s3);
        const files = await place.list(
          {
            settleForMs: (parseDurationMs(settleFor) ?? defaultSettleForMs) / timeScale,
            endings: [...endings.keys()],
          },
          (path, why) => {
            note(listing, 'skipped', { path, why });
          },
          attempt.signal,
        );
        const cache = await FileCache.open(cacheDirectory, directory);
        if (files.some((file) => file.hash === undefined && cache.find(file.name, file) === null)) {
          await delay(betweenLooksMs / timeScale, undefined, { signal: attempt.signal });
        }
        const work = hashWork(input.steps, input.strategy);
        const client = getClient();
        const mediaTypeOf = (name: string) => [...endings].find(([ending]) => name.toLowerCase().endsWith(ending))?.[1];
        const starter = new Starter({ client, results, place, input, work, retryFailed, mediaTypeOf });
        const tally = await scan(files, { place, work, cache, results, starter }, attempt);
        await cache.forgetOthers(files).catch(() => undefined);
        return resultOf(listing, tally);
      },
    ),
  };
}
