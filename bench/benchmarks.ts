import type { Benchmark } from './benchmark.ts';

/** Every benchmark, in the order of the page. */
export const benchmarks: readonly Benchmark[] = [];
