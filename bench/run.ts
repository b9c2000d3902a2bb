// Measures, keeps what was measured, and writes docs/benchmarks.md: `npm run bench -- --help`.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Benchmark } from './benchmark.ts';
import { describeMachine, keepResult } from './kept-result.ts';
import { installOpponents } from './opponents.ts';
import type { BenchFolders } from './write-page.ts';

const usage = `npm run bench -- [names] [--quick] [--seed <number>] [--page] [--list]`;

interface BenchArguments {
  names: string[];
  isQuick: boolean;
  seed: number;
  onlyPage: boolean;
  onlyList: boolean;
}

function readArguments(): BenchArguments {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      page: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const seed = Number(values.seed);
  if (values.help || !Number.isSafeInteger(seed)) {
    console.error(usage);
    process.exit(values.help ? 0 : 2);
  }
  return { names: positionals, isQuick: values.quick, seed, onlyPage: values.page, onlyList: values.list };
}

const startedAt = performance.now();
function say(words: string): void {
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.error(`${String(seconds).padStart(5)} s  ${words}`);
}

async function runOne(
  benchmark: Benchmark,
  { seed, isQuick }: BenchArguments,
  { results }: BenchFolders,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'provider-jobs-bench-'));
  const begunAt = performance.now();
  const { name } = benchmark;
  const measuredAt = new Date().toISOString();
  try {
    const result = await benchmark.run({
      seed,
      isQuick,
      folder,
      say: (words) => {
        say(`${name}: ${words}`);
      },
    });
    const tookSeconds = (performance.now() - begunAt) / 1000;
    const circumstances = { benchmark: name, measuredAt, tookSeconds, isQuick, seed, machine: describeMachine() };
    await keepResult(results, { ...circumstances, ...result });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const given = readArguments();
installOpponents(say);
// Both import what was installed just now.
const { benchmarks } = await import('./benchmarks.ts');
const { writePage } = await import('./write-page.ts');

// A quick run must not pass for a measurement: what it gives lies apart and is ignored by git.
const folders: BenchFolders = given.isQuick
  ? { results: new URL('./quick/results/', import.meta.url), docs: new URL('./quick/docs/', import.meta.url) }
  : { results: new URL('./results/', import.meta.url), docs: new URL('../docs/', import.meta.url) };

const unknown = given.names.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}; --list shows them.\n${usage}`);
  process.exit(2);
}
const wanted = benchmarks.filter(({ name }) => given.names.length === 0 || given.names.includes(name));
if (given.onlyList) {
  for (const { name, title } of wanted) console.log(`${name.padEnd(16)} ${title}`);
  process.exit(0);
}
const failed: string[] = [];
for (const benchmark of given.onlyPage ? [] : wanted) {
  try {
    say(`${benchmark.name}: ${benchmark.title}`);
    await runOne(benchmark, given, folders);
  } catch (error) {
    // The others are worth having.
    console.error(error);
    failed.push(benchmark.name);
  }
}
await writePage(benchmarks, folders);
say(`Written: ${new URL('benchmarks.md', folders.docs).pathname}`);
if (failed.length > 0) say(`Failed: ${failed.join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);
