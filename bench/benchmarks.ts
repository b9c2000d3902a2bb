import type { Benchmark } from './benchmark.ts';
import { parked } from './parked/index.ts';
import { recovery } from './recovery/index.ts';
import { uploads } from './uploads/index.ts';

/** Every benchmark, in the order of the page. */
export const benchmarks: readonly Benchmark[] = [uploads, recovery, parked];
