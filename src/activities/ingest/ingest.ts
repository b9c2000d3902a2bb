import { isAbsolute } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { getClient, log } from '@temporalio/activity';
import envPaths from 'env-paths';
import { z } from 'zod';
import { pipelineStart } from '../../contract/start-requests.ts';
import { parseDurationMs } from '../../polling/duration.ts';
import { type MediaPipelineInput, pipelineStrategies } from '../../contract/pipeline.ts';
import { mostInputBytes, sizeOf } from '../../client/input-size.ts';
import { pipelineDeadlineMs, pipelineSteps } from '../../client/pipeline-input.ts';
import {
  type FailedFile,
  mostListed,
  type PipelineToStart,
  type ScanDirectoryInput,
  type ScanDirectoryResult,
  type SkippedFile,
} from '../../contract/ingest.ts';
import type { Pace } from '../patience/judge.ts';
import { patiently } from '../patience/patiently.ts';
import { isUnchanged, listSettledFiles, type SettledFile } from './files.ts';
import { type IngestHashes, openIngestHashes } from './hashes.ts';
import { findPipelineFate } from './pipelines.ts';

const defaultSettleForMs = 10_000;
// Between two looks at files that are news: their size must be the same twice, whatever the times say.
const betweenLooksMs = 1000;

const scanInput = z.object({
  directory: z.string().refine(isAbsolute, { error: 'expected an absolute path' }),
  steps: pipelineSteps,
  strategy: z.enum(pipelineStrategies).optional(),
  settleFor: z
    .union([z.string(), z.number()])
    .refine((written) => parseDurationMs(written) !== null, { error: 'expected a duration, for instance 10s' })
    .default(defaultSettleForMs),
});

function toStart(path: string, sha256: string, { steps, strategy }: ScanDirectoryInput): PipelineToStart {
  const input: MediaPipelineInput = { source: pathToFileURL(path).href, steps, strategy };
  const deadlineMs = pipelineDeadlineMs(input);
  // The content is the key: the same content under two names is one pipeline.
  const { workflowId, executionTimeoutMs, summary, details } = pipelineStart({
    input,
    key: sha256.slice(0, 32),
    deadlineMs,
  });
  return { path, workflowId, input, executionTimeoutMs, summary, details };
}

async function scan(
  input: ScanDirectoryInput,
  found: { files: SettledFile[]; skipped: SkippedFile[] },
  hashes: IngestHashes,
  signal: AbortSignal,
): Promise<ScanDirectoryResult> {
  const client = getClient();
  const starts = new Map<string, PipelineToStart>();
  let startsBytes = 0;
  const result = { known: 0, failed: [] as FailedFile[], skipped: [...found.skipped], left: found.files.length };
  for (const file of found.files) {
    signal.throwIfAborted();
    if (starts.size >= input.mostStarts) break;
    result.left -= 1;
    const { path } = file;
    const sha256 = await hashes.hashOf(path, file, signal).catch(() => {
      // One that cannot be read holds up no other.
      signal.throwIfAborted();
      return null;
    });
    if (sha256 === null || !(await isUnchanged(file))) {
      result.skipped.push({ path, why: sha256 === null ? 'cannot be read' : 'changed while it was read' });
      continue;
    }
    const start = toStart(path, sha256, input);
    const { workflowId } = start;
    const fate = starts.has(workflowId) ? ({ kind: 'known' } as const) : await findPipelineFate(client, workflowId);
    if (fate.kind === 'none') {
      startsBytes += sizeOf(start);
      // All of them go to the workflow together, each with its steps.
      if (starts.size > 0 && startsBytes > mostInputBytes) {
        result.left += 1;
        break;
      }
      starts.set(workflowId, start);
    }
    if (fate.kind === 'known') result.known += 1;
    if (fate.kind === 'failed') result.failed.push({ path, workflowId, why: fate.why });
  }
  const [failed, skipped] = [result.failed.slice(0, mostListed), result.skipped.slice(0, mostListed)];
  const unlisted = result.failed.length - failed.length + result.skipped.length - skipped.length;
  return { ...result, failed, skipped, unlisted, starts: [...starts.values()] };
}

/** Makes the activity that finds the media files of a directory that have settled, and what became of their pipelines. */
export function createIngestActivities(pace: Pace, cacheDirectory = envPaths('provider-jobs', { suffix: '' }).cache) {
  const { timeScale } = pace;
  return {
    scanDirectory: patiently(
      pace,
      'before',
      async (input: ScanDirectoryInput, { signal }): Promise<ScanDirectoryResult> => {
        const { directory, settleFor } = scanInput.parse(input);
        const settleForMs = parseDurationMs(settleFor) ?? defaultSettleForMs;
        const found = await listSettledFiles(directory, settleForMs / timeScale);
        const hashes = await openIngestHashes(cacheDirectory, directory);
        if (found.files.some((file) => !hashes.knows(file.path, file))) {
          await delay(betweenLooksMs / timeScale, undefined, { signal });
        }
        try {
          return await scan(input, found, hashes, signal);
        } finally {
          await hashes.save().catch((error: unknown) => {
            log.warn('The content hashes could not be kept; the files will be read again', { reason: String(error) });
          });
        }
      },
    ),
  };
}
