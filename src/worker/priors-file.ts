import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { FinishedJob } from '../polling/learned-times.ts';

const version = 1;
/** How the name of every file ends that this version reads and writes; a newer one has names of its own. */
export const priorsFileEnding = '.v1.json';
/** How the name of a file ends that is being written; one that a crash left behind is never read. */
export const unfinishedEnding = '.part';

const milliseconds = z.number().nonnegative();
const foundByFirstLook = z.boolean();

const finishedJob = z.object({
  id: z.string().min(1).max(64),
  provider: z.string().min(1).max(100),
  resource: z.string().min(1).max(100),
  learnedAtMs: milliseconds,
  vendor: z.object({ earliestMs: z.number(), latestMs: z.number() }).nullable(),
  seen: z.union([
    z.object({ endedAtMs: milliseconds, foundByFirstLook }),
    z.object({ afterMs: milliseconds, byMs: milliseconds, foundByFirstLook }),
  ]),
}) satisfies z.ZodType<FinishedJob>;

const envelope = z.object({ kind: z.literal('provider-jobs priors'), version: z.number() });
const contents = z.object({ forgottenUntilMs: milliseconds.optional(), jobs: z.array(finishedJob) });

/** What one file holds: jobs that succeeded, and until when everything is to be forgotten, whatever file it is in. */
export type PriorsFile = z.infer<typeof contents>;

/** A file is not one of ours, or cannot be read; the message says which and why. */
export class PriorsFileError extends Error {
  override readonly name = 'PriorsFileError';
}

const mostBytes = 16 * 1024 * 1024;

function parse(text: string): PriorsFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new PriorsFileError('it is not JSON');
  }
  const outside = envelope.safeParse(json);
  if (!outside.success) throw new PriorsFileError('it is not a file of learned times');
  if (outside.data.version > version) throw new PriorsFileError('a newer version has written it');
  const inside = contents.safeParse(json);
  if (inside.success) return inside.data;
  const [issue] = inside.error.issues;
  throw new PriorsFileError(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it is broken'}`);
}

async function lookAt(path: string): Promise<{ size: number; isFile: boolean }> {
  const stats = await stat(path);
  return { size: stats.size, isFile: stats.isFile() };
}

/**
 * Reads one file.
 * @throws PriorsFileError where it is not one of ours or is broken; any error of the file system as it is.
 */
export async function readPriorsFile(path: string): Promise<PriorsFile> {
  const { size, isFile } = await lookAt(path);
  // A pipe is read for as long as nobody writes into it.
  if (!isFile) throw new PriorsFileError('it is no file');
  if (size > mostBytes) throw new PriorsFileError('it is larger than any of ours');
  return parse(await readFile(path, 'utf8'));
}

/** Writes one file: whoever reads it meanwhile, and after a crash, finds the one before or this one, whole. */
export async function writePriorsFile(path: string, file: PriorsFile): Promise<void> {
  const unfinished = join(dirname(path), `.${basename(path)}.${randomUUID()}${unfinishedEnding}`);
  const text = JSON.stringify({ kind: 'provider-jobs priors', version, ...file });
  try {
    await writeFile(unfinished, `${text}\n`, { flush: true });
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
}
