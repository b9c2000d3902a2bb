import { type Simulator, SimulatorAdmin, type SimulatorOptions } from '../../src/simulator/index.ts';
import { type Child, startChild } from './child.ts';

/** The simulator in a process of its own. */
export interface SimulatorProcess extends Pick<Simulator, 'url' | 'baseUrls' | 'keys'> {
  admin: SimulatorAdmin;
  pid: number;
  kill: Child['kill'];
}

/**
 * When all parts of the one upload had been reported, in milliseconds since the epoch: the first report after the last
 * part. Putting a large file together takes the simulator long enough for a client to report again.
 */
export async function reportedAt(admin: SimulatorAdmin): Promise<number | null> {
  const storedAt = Math.max(...(await admin.objects('twelvelabs')).map((object) => object.storedAt));
  const reports = await admin.calls({ operation: 'twelvelabs.report' });
  return reports.find(({ at }) => at >= storedAt)?.at ?? null;
}

/** Starts a simulator; what it spools lies below `folder`. */
export async function startSimulatorProcess(folder: string, options: SimulatorOptions = {}): Promise<SimulatorProcess> {
  const env = { TMPDIR: folder, SIMULATOR_OPTIONS: JSON.stringify(options) };
  const child = await startChild(new URL('./simulator-main.ts', import.meta.url), env);
  const { url, baseUrls, keys } = child.ready as Pick<Simulator, 'url' | 'baseUrls' | 'keys'>;
  return { url, baseUrls, keys, admin: new SimulatorAdmin(url), pid: child.pid, kill: () => child.kill() };
}
