import type { Benchmark } from './benchmark.ts';
import { detection } from './detection/detection.ts';

/** Every benchmark, in the order of the page. */
export const benchmarks: readonly Benchmark[] = [detection];
