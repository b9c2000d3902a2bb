import type { RuntimeOptions } from '@temporalio/worker';
import type { MetricsTarget } from '../config/metrics-target.ts';
import { type MetricDescription, metrics } from '../contract/metrics.ts';

/** What `telemetryOptions.metrics` of the SDK's runtime may be. */
export type MetricsOptions = NonNullable<NonNullable<RuntimeOptions['telemetryOptions']>['metrics']>;

function bucketsByName(): Record<string, number[]> {
  const described = Object.values<MetricDescription>(metrics);
  return Object.fromEntries(described.flatMap(({ name, buckets }) => (buckets ? [[name, [...buckets]]] : [])));
}

/**
 * What `telemetryOptions.metrics` of the SDK's runtime is for metrics to go there, ours and its own: in seconds, with the suffixes
 * that Prometheus wants, and buckets that fit.
 */
export function metricsOptions(target: MetricsTarget): MetricsOptions {
  const common = { useSecondsForDurations: true, histogramBucketOverrides: bucketsByName() };
  if (target.kind === 'otlp') return { otel: { ...common, url: target.url, http: target.http } };
  const { bindAddress } = target;
  return { prometheus: { ...common, bindAddress, countersTotalSuffix: true, unitSuffix: true } };
}
