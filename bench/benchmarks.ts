import type { Benchmark } from './benchmark.ts';
import { detection } from './detection/detection.ts';
import { history } from './history/history.ts';
import { rate } from './rate/rate.ts';
import { realDetection } from './real-detection/real-detection.ts';
import { realRate } from './real-rate/real-rate.ts';
import { throughput } from './throughput/throughput.ts';
import { parked } from './parked/index.ts';
import { recovery } from './recovery/index.ts';
import { uploads } from './uploads/index.ts';

/** Every benchmark, in the order of the page. */
export const benchmarks: readonly Benchmark[] = [
  detection,
  realDetection,
  history,
  throughput,
  rate,
  realRate,
  uploads,
  recovery,
  parked,
];
