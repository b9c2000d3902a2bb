import { cleaningFates } from './cleaning.ts';

/** One metric of ours: its name without the suffixes that Prometheus wants, and everything that its page says of it. */
export interface MetricDescription {
  name: string;
  kind: 'counter' | 'histogram' | 'gauge';
  /** What one is, in the singular, or a unit of Prometheus. */
  unit: 'seconds' | 'bytes' | 'jobs' | 'calls' | 'requests' | 'writes' | 'resources';
  meaning: string;
  /** What each label may be; beside them every metric has `namespace` and `task_queue`, the stem of all queues. */
  labels: Readonly<Record<string, string>>;
  /** Upper bounds of a histogram's buckets. */
  buckets?: readonly number[];
}

const provider = 'its name, for instance `tiro`';
const shortTimes = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600];
const longTimes = [1, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/** Every metric of ours; `docs/observability.md` is compared with this table, dashboards and alerts are made of its names. */
export const metrics = {
  ended: {
    name: 'provider_jobs_ended',
    kind: 'counter',
    unit: 'jobs',
    meaning: 'Jobs that ended, each once: counted by its workflow as its last act.',
    labels: {
      provider,
      phase: 'the last phase that was seen, `unknown` where none was',
      failure: '`none` for a job with an outcome, also a failed one; else the failure type, or `Cancelled`',
    },
  },
  duration: {
    name: 'provider_jobs_duration',
    kind: 'histogram',
    unit: 'seconds',
    meaning: 'From the start of the workflow to the end of the job.',
    labels: { provider, phase: 'as above' },
    buckets: longTimes,
  },
  statusCalls: {
    name: 'provider_jobs_status_calls',
    kind: 'histogram',
    unit: 'calls',
    meaning: 'Status requests that one job took in all.',
    labels: { provider },
    buckets: [0, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100, 300],
  },
  detectionDelay: {
    name: 'provider_jobs_detection_delay',
    kind: 'histogram',
    unit: 'seconds',
    meaning:
      "From the end at the provider to where we knew of it, by the provider's own clock; only where it tells when a job ended, and from the begin of the wait at the earliest.",
    labels: { provider, resource: 'what was waited for, for instance `voice-file-job`' },
    buckets: shortTimes,
  },
  sentBytes: {
    name: 'provider_jobs_sent_bytes',
    kind: 'counter',
    unit: 'bytes',
    meaning: 'Media that left the worker.',
    labels: {
      provider,
      outcome: '`taken`, or `lost` in a request that did not get through: these bytes are sent again',
    },
  },
  requests: {
    name: 'provider_jobs_requests',
    kind: 'counter',
    unit: 'requests',
    meaning: 'HTTP requests to a provider or its storage, each attempt.',
    labels: {
      provider,
      operation:
        'in words, for instance `create a Tiro job`; `find the key` where there was none to make a request with',
      outcome:
        '`ok`, `broken-off` by us (a cancellation, a source that failed), or what was wrong: unavailable, rate-limited, unexpected-response, credential-refused, configuration-refused, storage-refused, not-found, conflict, too-large, rejected',
    },
  },
  limiterWait: {
    name: 'provider_jobs_limiter_wait',
    kind: 'histogram',
    unit: 'seconds',
    meaning:
      'How long a request held its slot for its turn within the rate of its key, also in vain; nothing where no rate is known.',
    labels: { provider },
    buckets: shortTimes,
  },
  resultWrites: {
    name: 'provider_jobs_result_writes',
    kind: 'counter',
    unit: 'writes',
    meaning: 'Files written to the result store, each attempt.',
    labels: { outcome: '`ok`, `failed`, or `broken-off` where the content came to no end' },
  },
  cleaned: {
    name: 'provider_jobs_cleaned',
    kind: 'counter',
    unit: 'resources',
    meaning: 'What sweeps and retentions met at providers, each time that they met it.',
    labels: {
      provider,
      kind: '`sweep` or `retention`',
      outcome: cleaningFates.map((fate) => `\`${fate}\``).join(', '),
    },
  },
  open: {
    name: 'provider_jobs_open',
    kind: 'gauge',
    unit: 'jobs',
    meaning: 'Jobs that have not ended, as Temporal counts them each 30 s.',
    labels: { provider },
  },
  oldestOpen: {
    name: 'provider_jobs_oldest_open_seconds',
    kind: 'gauge',
    unit: 'seconds',
    meaning: 'Since the start of the oldest job that has not ended; 0 where there is none.',
    labels: { provider },
  },
  stuck: {
    name: 'provider_jobs_stuck',
    kind: 'gauge',
    unit: 'jobs',
    meaning: 'Open jobs that take too long, among the 50 oldest of a provider.',
    labels: {
      provider,
      beyond: '`learned`: longer than 99.9 % of their kind have taken; `deadline`: past their own deadline',
    },
  },
} as const satisfies Record<string, MetricDescription>;

/** The name under which Prometheus has a metric. */
export function prometheusName({ name, kind, unit }: MetricDescription): string {
  if (kind === 'counter') return `${name}_total`;
  return kind === 'histogram' && unit === 'seconds' ? `${name}_${unit}` : name;
}

/** What the SDK is told as a metric's unit: it becomes a suffix of histograms, and only a unit of time or size is one. */
export function unitOf({ kind, unit }: MetricDescription): string | undefined {
  return kind === 'histogram' && unit !== 'seconds' ? undefined : unit;
}
