import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import type { Benchmark } from './benchmark.ts';
import { drawChart } from './draw-chart.ts';
import { type KeptResult, readKept } from './kept-result.ts';

/** Where results are kept and the page is written. */
export interface BenchFolders {
  /** Ends with a slash, as the others. */
  results: URL;
  /** Of benchmarks.md; the charts lie in benchmarks/ beside it. */
  docs: URL;
}

const intro = `<!-- Written by \`npm run bench\`; change bench/, not this page. -->

# Benchmarks

Each question below is measured with all contenders in turn within one run, round by round, so that a busy moment of the
machine meets them all. A figure is the median over the rounds; the small numbers beside it are the least and the
greatest. Opponents run as their packages ship them, and once more tuned as well as we could; where they win, it says so.

\`\`\`sh
npm run bench                          # all of them; installs the opponents into bench/ first
npm run bench -- detection history     # these
npm run bench -- --quick               # small sizes: does it all work? (into bench/quick/, not into this page)
npm run bench -- --page                # this page and its charts again, from the kept results
npm run bench -- --list                # their names; --seed 7 for other jobs than those of seed 1
\`\`\`

What was measured is kept in [bench/results](../bench/results), every round of it.
`;

function describeRun({ measuredAt, tookSeconds, seed, machine, versions, isQuick }: KeptResult): string {
  const { cores, processor, memoryGiB, system, node } = machine;
  const on = `${String(cores)} cores (${processor}), ${String(memoryGiB)} GiB, ${system}, Node ${node}`;
  const took = tookSeconds < 90 ? `${String(Math.ceil(tookSeconds))} s` : `${String(Math.round(tookSeconds / 60))} min`;
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const warning = isQuick ? '**A quick run: its figures say nothing.** ' : '';
  const line = `${warning}Measured ${measuredAt.slice(0, 10)} in ${took} on ${on}; seed ${String(seed)}.`;
  return `<sub>${line}${used.length === 0 ? '' : ` ${used.join(', ')}.`}</sub>`;
}

const anchorOf = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

/** Writes docs/benchmarks.md and its charts from the kept results; a benchmark that never ran is left out. */
export async function writePage(benchmarks: readonly Benchmark[], folders: BenchFolders): Promise<void> {
  const chartFolder = new URL('benchmarks/', folders.docs);
  await mkdir(chartFolder, { recursive: true });
  const sections: string[] = [];
  const contents: string[] = [];
  const drawn = new Set<string>();
  for (const benchmark of benchmarks) {
    const kept = await readKept(folders.results, benchmark.name);
    if (kept === null) continue;
    const text = benchmark.page(kept).trim();
    const below: string[] = [];
    for (const [chart, spec] of Object.entries(benchmark.charts(kept))) {
      const file = `${chart}.svg`;
      if (drawn.has(file)) throw new Error(`two charts are called ${file}`);
      drawn.add(file);
      await writeFile(new URL(file, chartFolder), await drawChart(spec));
      if (!text.includes(`(benchmarks/${file})`)) below.push(`![${benchmark.title}](benchmarks/${file})`);
    }
    for (const [file, page] of Object.entries(benchmark.pages?.(kept) ?? {})) {
      if (page !== null) await writeFile(new URL(file, folders.docs), page);
    }
    const left = kept.left.map((words) => `Not measured here: ${words}`);
    contents.push(`- [${benchmark.title}](#${anchorOf(benchmark.title)})`);
    sections.push([`## ${benchmark.title}`, describeRun(kept), text, ...below, ...left].join('\n\n'));
  }
  // A chart that nobody draws any more would look as if it were measured.
  for (const file of await readdir(chartFolder)) if (!drawn.has(file)) await rm(new URL(file, chartFolder));
  const page = [intro.trim(), contents.join('\n'), ...sections].filter((part) => part !== '').join('\n\n');
  await writeFile(new URL('benchmarks.md', folders.docs), `${page}\n`);
}
