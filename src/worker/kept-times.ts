import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createLearnedTimes, type LearnedTimes } from '../polling/learned-times.ts';
import { PriorsFileError, priorsFileEnding, readPriorsFile, writePriorsFile } from './priors-file.ts';
import { findLeftFiles, makePriorsFolder, readForgottenUntilMs, readPriorsFolder } from './priors-folder.ts';

/** Learned times that outlive their process. */
export interface KeptTimes {
  times: LearnedTimes;
  /** Resolves when what others have left was read, or could not be; nothing needs to wait for it. */
  opened: Promise<void>;
  /** Writes what is not written yet; gives up after two seconds, and never rejects. */
  close(): Promise<void>;
}

/** Where learned times are kept. */
export interface KeepTimesOptions {
  /** A folder of workers that ask the same services; made where there is none. */
  directory: string;
  /** The name of this worker's file, the same after each restart. */
  fileName: string;
  warn: (message: string) => void;
  /** No more often than that is anything written. */
  everyMs?: number;
}

/** The name of a worker's file: of its machine and what it serves there. */
export function priorsFileName(taskQueue: string, roles: readonly string[]): string {
  const machine = hostname()
    .replaceAll(/[^\w-]/g, '-')
    .slice(0, 64);
  const served = createHash('sha256')
    .update([taskQueue, ...[...roles].sort()].join('\n'))
    .digest('hex');
  return `worker-${machine}-${served.slice(0, 8)}${priorsFileEnding}`;
}

const closeWithinMs = 2000;

/**
 * Learned times that are read from a folder and written to it, beside the jobs and without ever holding one up. Each
 * worker has a file of its own with every job that it knows, those that it has read from others included: a job has an
 * id and counts once. So whichever file is lost or tidied away, its jobs are in those that were written since.
 */
export function keepTimes({ directory, fileName, warn, everyMs = 5000 }: KeepTimesOptions): KeptTimes {
  const folder = resolve(directory);
  const own = join(folder, fileName);
  let timer: NodeJS.Timeout | null = null;
  let isDirty = false;
  let hasWarned = false;
  const times = createLearnedTimes({
    onLearned: () => {
      isDirty = true;
      timer ??= setTimeout(queueWrite, everyMs).unref();
    },
  });

  async function write(): Promise<void> {
    isDirty = false;
    await makePriorsFolder(folder);
    // A second process of the same name has its jobs there.
    times.remember(await jobsOf(own));
    times.forget(await readForgottenUntilMs(folder));
    await writePriorsFile(own, { jobs: times.remembered() });
  }

  async function open(): Promise<void> {
    await makePriorsFolder(folder);
    const found = await readPriorsFolder(folder);
    for (const problem of found.problems) warn(problem);
    times.remember(found.jobs);
    const left = await findLeftFiles(
      folder,
      found.files.filter((name) => name !== fileName),
    );
    if (left.length === 0) return;
    await write();
    await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
  }

  const attempt = async (step: () => Promise<void>, what: string) => {
    try {
      await step();
      hasWarned = false;
    } catch (error) {
      isDirty = true;
      if (!hasWarned) warn(`${what} ${folder} (PROVIDER_JOBS_PRIORS); jobs go on without: ${String(error)}`);
      hasWarned = true;
    }
  };
  let last = attempt(open, 'What was learned cannot be read from');
  const opened = last;

  function queueWrite() {
    timer = null;
    last = last.then(() => attempt(write, 'What is learned cannot be written to'));
  }

  return {
    times,
    opened,
    async close() {
      if (timer !== null) clearTimeout(timer);
      if (isDirty) queueWrite();
      await Promise.race([last, wait(closeWithinMs, undefined, { ref: false })]);
    },
  };
}

async function jobsOf(path: string) {
  try {
    return (await readPriorsFile(path)).jobs;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing || error instanceof PriorsFileError) return [];
    throw error;
  }
}
