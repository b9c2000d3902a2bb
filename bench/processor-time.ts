import { readFile } from 'node:fs/promises';

// USER_HZ, which is 100 on every Linux that Node runs on.
const ticksPerSecond = 100;

/** The processor time that a process has used so far, in seconds; null where there is no /proc. */
export async function processorSeconds(pid: number): Promise<number | null> {
  try {
    const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
    // The name, in brackets, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch {
    return null;
  }
}
