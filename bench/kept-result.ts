import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import type { BenchResult } from './benchmark.ts';

/** What a benchmark ran on. */
export interface Machine {
  cores: number;
  processor: string;
  memoryGiB: number;
  system: string;
  node: string;
}

/** A result as it is kept, with all that is needed to run it again. */
export interface KeptResult extends BenchResult {
  benchmark: string;
  /** RFC 3339. */
  measuredAt: string;
  tookSeconds: number;
  isQuick: boolean;
  seed: number;
  machine: Machine;
}

export function describeMachine(): Machine {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    system: `${platform()} ${release().split('-')[0] ?? ''} ${arch()}`,
    node: process.versions.node,
  };
}

// Six digits say more than any of these can be measured to, and keep the files readable.
const shortNumbers = (_key: string, value: unknown) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;

/** Writes a result with one figure on a line, so that a difference can be read. */
export async function keepResult(folder: URL, kept: KeptResult): Promise<void> {
  const { figures, ...rest } = kept;
  const lines = figures.map((figure) => `    ${JSON.stringify(figure, shortNumbers)}`);
  const head = JSON.stringify(rest, shortNumbers, 2).slice(0, -2);
  await mkdir(folder, { recursive: true });
  await writeFile(
    new URL(`${kept.benchmark}.json`, folder),
    `${head},\n  "figures": [\n${lines.join(',\n')}\n  ]\n}\n`,
  );
}

/** What is kept of a benchmark; null where it never ran. */
export async function readKept(folder: URL, benchmark: string): Promise<KeptResult | null> {
  const file = new URL(`${benchmark}.json`, folder);
  return existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as KeptResult) : null;
}
