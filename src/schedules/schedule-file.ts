import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { parseDurationMs } from '../polling/duration.ts';
import type { PipelineStep } from '../contract/pipeline.ts';
import { withoutNulls } from '../client/canonical-input.ts';
import { findInputFaults } from '../client/input-faults.ts';
import { retentionOptions, sweepOptions } from '../client/cleaning-input.ts';
import { ingestOptions } from '../client/ingest-input.ts';
import { isS3Uri, parseS3Folder } from '../s3/s3-uri.ts';

/** What happens when a run is due while the one before it still goes on; Temporal's policies in small letters. */
const overlapPolicies = ['skip', 'buffer-one', 'buffer-all', 'cancel-other', 'terminate-other', 'allow-all'] as const;

/** What happens when a run is due while the one before it still goes on. */
export type OverlapPolicy = (typeof overlapPolicies)[number];

function duration(shortestMs: number, example: string) {
  const shortest = shortestMs === 0 ? '' : ` of at least ${String(shortestMs / 1000)} s`;
  const read = (text: string) => (/^0 ?(ms|s)?$/.test(text) ? 0 : parseDurationMs(text));
  return z
    .string(`expected a duration${shortest}, for instance ${example}`)
    .refine((text) => (read(text) ?? -1) >= shortestMs, {
      error: `expected a duration${shortest}, for instance ${example}`,
    })
    .transform((text) => read(text) ?? 0);
}

/** What every schedule has, whatever it starts. */
const rhythm = {
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'expected small letters, digits and -, for instance incoming-talks'),
  every: duration(1000, '15m').optional(),
  cron: z
    .string()
    .regex(/^(@\w+|\S+( +\S+){4,6})$/, 'expected five to seven fields, for instance 0 6 * * *; times are UTC')
    .optional(),
  overlap: z.enum(overlapPolicies),
  catchUpWindow: duration(10_000, '1h'),
  jitter: duration(0, '30s'),
  executionTimeout: duration(1000, '30m'),
  paused: z.boolean().optional(),
};

/** Whether a directory is a path, an address in S3 or a `file:` URI of this machine. */
function isPlace(directory: string): boolean {
  if (isS3Uri(directory)) return parseS3Folder(directory) !== null;
  if (!directory.startsWith('file:')) return !/^[a-z][a-z\d+.-]+:\/\//i.test(directory);
  try {
    return fileURLToPath(directory) !== '';
  } catch {
    return false;
  }
}

const anySchedule = z
  .discriminatedUnion('kind', [
    z.strictObject({
      ...rhythm,
      kind: z.literal('ingest'),
      directory: z
        .string()
        .min(1)
        .refine(isPlace, { error: 'expected a path, a file: URI of this machine or s3://bucket/prefix' }),
      ...ingestOptions,
      settleFor: duration(1, '10s').optional(),
    }),
    z.strictObject({ ...rhythm, kind: z.literal('sweep'), ...sweepOptions }),
    z.strictObject({ ...rhythm, kind: z.literal('retention'), ...retentionOptions }),
  ])
  .superRefine(({ every, cron }, context) => {
    if ((every === undefined) !== (cron === undefined)) return;
    context.addIssue({ code: 'custom', path: ['every'], message: 'expected either every or cron' });
  });

/** Validates a schedules file; `$schema` is for editors. */
export const scheduleFile = z
  .strictObject({ $schema: z.string().optional(), schedules: z.array(anySchedule) })
  .superRefine(({ schedules }, context) => {
    schedules.forEach(({ id }, index) => {
      if (schedules.findIndex((each) => each.id === id) === index) return;
      context.addIssue({ code: 'custom', path: ['schedules', index, 'id'], message: `there are two named ${id}` });
    });
  });

/** A schedules file as people write it. */
export type ScheduleFile = z.input<typeof scheduleFile>;

type AnySchedule = z.infer<typeof anySchedule>;

/** A schedule that sends new media through pipelines: durations are milliseconds, the directory is absolute. */
export interface IngestSchedule extends Omit<Extract<AnySchedule, { kind: 'ingest' }>, 'steps'> {
  steps: PipelineStep[];
}

/** One schedule of the file, checked: durations are milliseconds. */
export type ScheduleDefinition = IngestSchedule | Exclude<AnySchedule, { kind: 'ingest' }>;

/** The schedules file cannot be used; the message names every fault. Thrown by `readScheduleFile`. */
export class ScheduleFileError extends Error {
  override readonly name = 'ScheduleFileError';
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ScheduleFileError(`${path} cannot be read: ${reason}`, { cause: error });
  }
}

function toPath(directory: string, base: string): string {
  if (isS3Uri(directory)) return directory;
  return directory.startsWith('file:') ? fileURLToPath(directory) : resolve(base, directory);
}

/**
 * Reads schedules from a JSON file; a relative directory is relative to the file.
 * @throws ScheduleFileError with every fault at once.
 */
export async function readScheduleFile(path: string): Promise<ScheduleDefinition[]> {
  const given = withoutNulls(scheduleFile, await readJson(path));
  const parsed = scheduleFile.safeParse(given);
  if (parsed.success) {
    const base = dirname(resolve(path));
    // Steps go on as they are written: a provider's defaults are its own, and may change.
    const { schedules } = given as { schedules: Partial<Pick<IngestSchedule, 'steps'>>[] };
    return parsed.data.schedules.map((each, index) =>
      each.kind === 'ingest'
        ? { ...each, steps: schedules[index]?.steps ?? [], directory: toPath(each.directory, base) }
        : each,
    );
  }
  const faults = findInputFaults(scheduleFile, given).map(({ field, problem }) => `  ${field}: ${problem}`);
  throw new ScheduleFileError(`${path} has ${String(faults.length)} faults:\n${faults.join('\n')}`);
}
