import type { TopLevelSpec } from 'vega-lite';

/** What a benchmark is run with. */
export interface BenchContext {
  /** Repeats every random choice. */
  seed: number;
  /** A quick run with small sizes, to see that everything works; its figures say nothing. */
  isQuick: boolean;
  /** A folder for this run, on the disk that is measured; removed afterwards. */
  folder: string;
  /** Tells people what is being measured, with how far it is. */
  say: (words: string) => void;
}

/** One measured figure of one contender. */
export interface Figure {
  /** For instance `ours` or `twelvelabs-js 1.3.4`. */
  contender: string;
  /** What it was measured under: `{ size: '1 GiB', latency: '30 ms' }`. */
  under: Record<string, string | number>;
  /** For instance `wall`, with its unit: `s`, `MiB`, `calls`. */
  measure: string;
  unit: string;
  /** Every run's value, in the order of the interleaved rounds. */
  values: number[];
}

/** What a benchmark gives: kept as JSON, of which page and charts are made. */
export interface BenchResult {
  figures: Figure[];
  /** The versions of everything that took part. */
  versions: Record<string, string>;
  /** What could not be measured here, and why. */
  left: string[];
}

/** One question, measured with every contender in turn within one run. */
export interface Benchmark {
  /** Names its files: `bench/results/<name>.json`. */
  name: string;
  title: string;
  run(context: BenchContext): Promise<BenchResult>;
  /**
   * Its section of docs/benchmarks.md, below its title and the line that says when and on what it ran: what is compared,
   * the tables, and where we lose. Charts stand where it puts `![…](benchmarks/<chart>.svg)`, the others below it.
   */
  page(result: BenchResult): string;
  /** Charts by file name without ending; the names of all benchmarks share one folder. */
  charts(result: BenchResult): Record<string, TopLevelSpec>;
  /** Pages of its own in docs/ by file name; `null` where the result does not carry one. */
  pages?(result: BenchResult): Record<string, string | null>;
}
