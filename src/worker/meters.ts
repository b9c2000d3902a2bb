import { type MetricMeter, type MetricTags, noopMetricMeter } from '@temporalio/common';
import type { ActivityDependencies } from '../activities/activity-dependencies.ts';
import { type MetricDescription, metrics, unitOf } from '../contract/metrics.ts';
import type { TrafficObserver } from '../http/agents.ts';
import type { ProviderName } from '../providers/registry.ts';
import { ResultStoreError } from '../results/result-store-error.ts';
import type { ResultStore } from '../results/result-store.ts';

/** What one look at the open jobs of a provider has found. */
export interface OpenJobs {
  open: number;
  /** 0 where there is none. */
  oldestSeconds: number;
  /** Of the oldest: those that take longer than 99.9 % of their kind, and those past their deadline. */
  beyond: { learned: number; deadline: number };
}

/** The metrics that a worker keeps; those of ends are kept by workflows. */
export interface Meters {
  /** Whether anybody is told of them. */
  isHeard: boolean;
  observe: (provider: ProviderName) => TrafficObserver;
  onDetected: NonNullable<ActivityDependencies['onDetected']>;
  onCleaned: NonNullable<ActivityDependencies['onCleaned']>;
  /** A store whose writes are counted. */
  counting: (store: ResultStore) => ResultStore;
  noteOpen: (provider: ProviderName, found: OpenJobs) => void;
}

const outcomeOfWrite = (error: unknown) => (error instanceof ResultStoreError ? 'failed' : 'broken-off');

/** Makes the metrics of one worker over the meter of whatever runtime its process has. */
export function createMeters(runtimeMeter: MetricMeter, of: { namespace: string; taskQueue: string }): Meters {
  const meter = runtimeMeter.withTags({ namespace: of.namespace, task_queue: of.taskQueue });
  const counter = (metric: MetricDescription) => meter.createCounter(metric.name, unitOf(metric), metric.meaning);
  const gauge = (metric: MetricDescription) => meter.createGauge(metric.name, 'float', unitOf(metric), metric.meaning);
  const histogram = (metric: MetricDescription) => {
    const made = meter.createHistogram(metric.name, 'float', unitOf(metric), metric.meaning);
    return (ms: number, tags: MetricTags) => {
      made.record(ms / 1000, tags);
    };
  };
  const [requests, sentBytes] = [counter(metrics.requests), counter(metrics.sentBytes)];
  const [limiterWait, detectionDelay] = [histogram(metrics.limiterWait), histogram(metrics.detectionDelay)];
  const resultWrites = counter(metrics.resultWrites);
  const cleaned = counter(metrics.cleaned);
  const [open, oldestOpen, stuck] = [gauge(metrics.open), gauge(metrics.oldestOpen), gauge(metrics.stuck)];

  return {
    isHeard: runtimeMeter !== noopMetricMeter,
    observe: (provider) => ({
      waited: (ms) => {
        limiterWait(ms, { provider });
      },
      ended: (operation, outcome) => {
        requests.add(1, { provider, operation, outcome });
      },
      sent: (bytes, isTaken) => {
        sentBytes.add(bytes, { provider, outcome: isTaken ? 'taken' : 'lost' });
      },
    }),
    onDetected: ({ provider, resource }, delayMs) => {
      detectionDelay(delayMs, { provider, resource });
    },
    onCleaned: ({ provider, kind, fate }) => {
      cleaned.add(1, { provider, kind, outcome: fate });
    },
    counting: (store) => ({
      exists: (folder, name) => store.exists(folder, name),
      check: () => store.check(),
      async write(...written) {
        try {
          const artifact = await store.write(...written);
          resultWrites.add(1, { outcome: 'ok' });
          return artifact;
        } catch (error) {
          resultWrites.add(1, { outcome: outcomeOfWrite(error) });
          throw error;
        }
      },
    }),
    noteOpen: (provider, found) => {
      open.set(found.open, { provider });
      oldestOpen.set(found.oldestSeconds, { provider });
      for (const [beyond, jobs] of Object.entries(found.beyond)) stuck.set(jobs, { provider, beyond });
    },
  };
}
