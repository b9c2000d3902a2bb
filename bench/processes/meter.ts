import { execFile } from 'node:child_process';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const mebibyte = 1024 ** 2;
// What Linux counts processor time in, on every machine that matters here.
const ticksPerSecond = 100;

async function statusField(pid: number, field: string): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** What a process has in memory, in MiB. */
export function residentMiB(pid: number): Promise<number> {
  return statusField(pid, 'VmRSS');
}

/** The most that a process had in memory since `forgetPeak`, in MiB. */
export function peakMiB(pid: number): Promise<number> {
  return statusField(pid, 'VmHWM');
}

/** Lets the peak begin at what the process has in memory now. */
export async function forgetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${String(pid)}/clear_refs`, '5');
}

/** The processor time that a process has taken, its threads included. */
export async function processorSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
  // The second field is a name that may hold anything; user and system time are the 14th and the 15th.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** A process and everything below it. */
export async function processTree(root: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid=']);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const tree = [root];
  for (const parent of tree) tree.push(...rows.filter(([, ppid]) => ppid === parent).map(([pid = 0]) => pid));
  return tree;
}

/** The memory of a server with all its processes, in MiB; what they share counts once. */
export async function treeMiB(root: number): Promise<number> {
  let sum = 0;
  for (const pid of await processTree(root)) {
    const rollup = await readFile(`/proc/${String(pid)}/smaps_rollup`, 'utf8').catch(() => '');
    sum += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) / 1024;
  }
  return sum;
}

/** The processor time of a server with all its processes that live, their dead children included. */
export async function treeProcessorSeconds(root: number): Promise<number> {
  const each = await Promise.all((await processTree(root)).map((pid) => processorSeconds(pid).catch(() => 0)));
  return each.reduce((sum, seconds) => sum + seconds, 0);
}

/** What the files below a folder take on the disk, in MiB; sparse ones what they really take. */
export async function folderMiB(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name)).catch(() => ({ blocks: 0 }))).blocks * 512),
  );
  return sizes.reduce((sum, size) => sum + size, 0) / mebibyte;
}

/** Watches how much a folder grows to; `stop` gives the most, in MiB. */
export function watchFolder(folder: string): { stop(): Promise<number> } {
  let most = 0;
  let isStopped = false;
  const look = async () => {
    while (!isStopped) {
      most = Math.max(most, await folderMiB(folder));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const looking = look();
  return {
    async stop() {
      isStopped = true;
      await looking;
      return Math.max(most, await folderMiB(folder));
    },
  };
}
