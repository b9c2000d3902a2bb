import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FinishedJob } from '../polling/learned-times.ts';
import { PriorsFileError, priorsFileEnding, readPriorsFile, unfinishedEnding, writePriorsFile } from './priors-file.ts';

/** What the files of a folder hold together. */
export interface PriorsFolder {
  /** Without what is to be forgotten; the same job may be there as often as files name it. */
  jobs: FinishedJob[];
  /** Epoch milliseconds; what was learned until then is forgotten, also by workers that run. */
  forgottenUntilMs: number;
  /** The names of the files that were read. */
  files: string[];
  /** What could not be read and why, a sentence each. */
  problems: string[];
}

/** What somebody's clock that is ahead of ours has forgotten is not forgotten for ever. */
const untilNow = (ms: number) => Math.min(ms, Date.now());

// Says until when all is forgotten; it holds no jobs and is not tidied away.
const forgottenFile = `forgotten${priorsFileEnding}`;

function reasonOf(error: unknown): string {
  if (error instanceof PriorsFileError) return error.message;
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

const isMissing = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ENOENT';

/**
 * Reads all files of a folder; those that are broken, of a newer version or not ours are left alone and named.
 * @throws any error of the file system where the folder itself cannot be read.
 */
export async function readPriorsFolder(directory: string): Promise<PriorsFolder> {
  const names = (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();
  const folder: PriorsFolder = { jobs: [], forgottenUntilMs: 0, files: [], problems: [] };
  for (const name of names) {
    try {
      if (!name.endsWith('.json')) throw new PriorsFileError('it is not a file of learned times');
      const { jobs, forgottenUntilMs = 0 } = await readPriorsFile(join(directory, name));
      folder.jobs.push(...jobs);
      folder.forgottenUntilMs = Math.max(folder.forgottenUntilMs, untilNow(forgottenUntilMs));
      if (name !== forgottenFile) folder.files.push(name);
    } catch (error) {
      // Another worker may have tidied it away.
      if (!isMissing(error)) folder.problems.push(`${join(directory, name)} is left out: ${reasonOf(error)}`);
    }
  }
  const jobs = folder.jobs.filter(({ learnedAtMs }) => learnedAtMs > folder.forgottenUntilMs);
  return { ...folder, jobs };
}

/** Until when all is forgotten, epoch milliseconds; 0 where nobody has reset it. */
export async function readForgottenUntilMs(directory: string): Promise<number> {
  try {
    return untilNow((await readPriorsFile(join(directory, forgottenFile))).forgottenUntilMs ?? 0);
  } catch (error) {
    if (isMissing(error) || error instanceof PriorsFileError) return 0;
    throw error;
  }
}

/** Forgets all that was learned until now: workers that run do so before they write the next time. */
export async function resetPriorsFolder(directory: string): Promise<PriorsFolder> {
  const folder = await readPriorsFolder(directory);
  await writePriorsFile(join(directory, forgottenFile), { forgottenUntilMs: Date.now(), jobs: [] });
  await Promise.all(folder.files.map((name) => rm(join(directory, name), { force: true })));
  return folder;
}

// A worker that has learned nothing for so long has its jobs in the file of the one that tidies.
const leftAfterMs = 24 * 3_600_000;

async function isLeft(directory: string, name: string): Promise<boolean> {
  const { mtimeMs } = await stat(join(directory, name));
  return Date.now() - mtimeMs > leftAfterMs;
}

/** Which of these files nobody has written for a day, and what crashes left unfinished. */
export async function findLeftFiles(directory: string, files: readonly string[]): Promise<string[]> {
  const unfinished = (await readdir(directory)).filter(
    (name) => name.startsWith('.') && name.endsWith(unfinishedEnding),
  );
  const left = await Promise.all(
    [...files, ...unfinished].map(async (name) => ((await isLeft(directory, name).catch(() => false)) ? [name] : [])),
  );
  return left.flat();
}

/** Makes the folder where there is none. */
export async function makePriorsFolder(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
}
