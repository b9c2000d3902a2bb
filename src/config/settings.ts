import { delimiter, isAbsolute } from 'node:path';
import { z } from 'zod';
import { defaultTaskQueue } from '../contract/task-queues.ts';
import { metricsTarget } from './metrics-target.ts';
import { formatRate, rate } from './rates.ts';
import { parseDurationMs } from '../polling/duration.ts';
import type { Provider, RateLimit } from '../providers/provider.ts';
import { providerNames, providers, type ProviderName } from '../providers/registry.ts';
import { isS3Uri, parseS3Folder } from '../s3/s3-uri.ts';
import { taskQueueStem } from './task-queue-stem.ts';

/** One variable of the environment that we read. */
export interface Setting<T> {
  /** For `--help`, `.env.example` and the docs. */
  description: string;
  /** As it would be written; absent where leaving it out means "not set". */
  default?: string;
  schema: z.ZodType<T>;
  /** True where an empty value must not pass for "not set": it would allow what was meant to be bounded. */
  refusesEmpty?: boolean;
}

const setting = <T>(description: string, schema: z.ZodType<T>, fallback?: string): Setting<T> => ({
  description,
  schema,
  ...(fallback === undefined ? {} : { default: fallback }),
});

const port = z
  .string()
  .regex(/^\d{1,5}$/, 'expected a port number from 0 (any free one) to 65535')
  .transform(Number)
  .refine((value) => value <= 65_535, { error: 'expected a port number from 0 (any free one) to 65535' });

const duration = z
  .string()
  .refine((value) => parseDurationMs(value) !== null, { error: 'expected a duration, for instance 45s or 2m' })
  .transform((value) => parseDurationMs(value) ?? 0);

const count = z
  .string()
  .regex(/^[1-9]\d{0,3}$/, 'expected a whole number from 1 to 9999')
  .transform(Number);

const flag = z.enum(['true', 'false'], { error: 'expected true or false' }).transform((value) => value === 'true');

const directories = z
  .string()
  .transform((value) => value.split(value.includes(',') ? ',' : delimiter).map((each) => each.trim()))
  .refine((paths) => paths.every((path) => isAbsolute(path) && !path.includes('\0')), {
    error: 'expected absolute directories, separated by commas or colons',
  });

const resultsAddress = z
  .string()
  .min(1)
  .refine((value) => (isS3Uri(value) ? parseS3Folder(value) !== null : !/^[a-z][a-z\d+.-]+:\/\//i.test(value)), {
    error: 'expected a directory, or s3://bucket/prefix',
  });

// What the server refuses; a version's name is made of both with a dot or a colon between.
const deploymentName = z
  .string()
  .regex(
    /^(?!__)[^\s.:]{1,200}$/,
    'expected up to 200 characters without spaces, dots and colons, not beginning with __',
  );
const buildId = z
  .string()
  .regex(/^(?!__)\S{1,200}$/, 'expected up to 200 characters without spaces, not beginning with __');

const webUrl = z
  .url({ protocol: /^https?$/, error: 'expected an http: or https: address' })
  .refine((value) => !/[?#]|^https?:\/*[^/]*@/i.test(value), {
    error: 'expected an address without user name, password, query and fragment',
  });

/** The variables that are ours, and those of Temporal's command line that we read ourselves. */
export const settings = {
  PROVIDER_JOBS_TASK_QUEUE: {
    ...setting(
      'The task queue of workflows, and the stem of all others; the same for workers and clients that belong together',
      taskQueueStem,
      defaultTaskQueue,
    ),
    refusesEmpty: true,
  },
  PROVIDER_JOBS_TIME_SCALE: setting(
    'Divides every duration that is ours (never a deadline); above 1 only with the simulator',
    z
      .string()
      .transform(Number)
      .refine((value) => Number.isFinite(value) && value > 0 && value <= 10_000, {
        error: 'expected a number above 0 and up to 10000',
      }),
    '1',
  ),
  PROVIDER_JOBS_FORCE_TIME_SCALE: setting(
    'true lets clocks run faster with the real service of a provider too, which is then asked too often',
    flag,
    'false',
  ),
  PROVIDER_JOBS_RESULTS: setting(
    'Directory of the result store, or s3://bucket/prefix, with credentials, region and endpoint as AWS tools take them',
    resultsAddress,
    './results',
  ),
  PROVIDER_JOBS_PRIORS: setting(
    'Directory where workers keep how long jobs took, a file each, and learn from it; only in memory where not set',
    z.string().min(1),
  ),
  PROVIDER_JOBS_SOURCE_ROOTS: {
    ...setting(
      'Directories that file: sources must be in, separated by commas or colons; anywhere where not set, never empty',
      directories,
    ),
    refusesEmpty: true,
  },
  PROVIDER_JOBS_ALLOW_PRIVATE_SOURCES: setting(
    'true reads https: sources also from private networks, and http: ones from this machine',
    flag,
    'false',
  ),
  PROVIDER_JOBS_ROLES: setting(
    'What this worker runs: all, or a comma-separated list of workflows, <provider>, <provider>-transfer',
    z.string().min(1),
    'all',
  ),
  PROVIDER_JOBS_TRANSFERS: setting('Uploads at once, and as many collects besides, for each provider', count, '4'),
  PROVIDER_JOBS_SHUTDOWN_GRACE: setting('How long a worker drains after SIGTERM', duration, '75s'),
  PROVIDER_JOBS_HEALTH_PORT: setting("Port of the worker's /healthz and /readyz; off where not set", port),
  PROVIDER_JOBS_METRICS: setting(
    'Where the worker command serves metrics for Prometheus (0.0.0.0:9464), or which OpenTelemetry collector it sends them to (grpc://host:4317, http://host:4318); off where not set',
    metricsTarget,
  ),
  PROVIDER_JOBS_DEPLOYMENT_NAME: setting(
    "Worker versioning: the deployment that this worker's version belongs to; off where neither is set",
    deploymentName,
  ),
  PROVIDER_JOBS_BUILD_ID: setting("Worker versioning: this worker's build, another one for each release", buildId),
  PROVIDER_JOBS_SEARCH_ATTRIBUTES: setting(
    'Whether a worker looks at its start that the namespace has our search attributes and adds those that it lacks (register), or takes them as given (assume)',
    z.enum(['register', 'assume'], { error: 'expected register or assume' }),
    'register',
  ),
  PROVIDER_JOBS_LOG_LEVEL: setting(
    'How much the worker logs: trace, debug, info, warn or error',
    z.enum(['trace', 'debug', 'info', 'warn', 'error'], { error: 'expected trace, debug, info, warn or error' }),
    'info',
  ),
  PROVIDER_JOBS_WEB_URL: setting("Address of Temporal's Web UI, for the links that are printed", webUrl),
  PROVIDER_JOBS_ENCRYPTION_KEYS: setting(
    'Encrypts what Temporal keeps: id:key between commas, the key 32 bytes in base64; the first encrypts, all decrypt',
    z.string().min(1),
  ),
  PROVIDER_JOBS_ENCRYPTION_KEYS_FILE: setting('A file that holds the same', z.string().min(1)),
  TEMPORAL_CLI_PATH: setting('The temporal binary that demo, dev and the tests start', z.string().min(1)),
} as const;

/** How often the keys of a provider may be used. */
export function rateSetting(name: ProviderName): Setting<RateLimit> {
  const { title, rateLimit }: Provider = providers[name];
  const variable = `${name.toUpperCase()}_RATE`;
  return setting(
    `Requests that each key for ${title} may make: 600/m, 10/s; another one for a key by ${variable}__<ALIAS>`,
    rate,
    rateLimit === undefined ? undefined : formatRate(rateLimit),
  );
}

/** A provider's base URL and default key. */
export function providerSettings(name: ProviderName): Record<string, Setting<string>> {
  const { title, defaultBaseUrl } = providers[name];
  const prefix = name.toUpperCase();
  return {
    [`${prefix}_BASE_URL`]: setting(`Where ${title} is`, webUrl, defaultBaseUrl),
    [`${prefix}_API_KEY`]: setting(
      `The key for ${title}; or ${prefix}_API_KEY_FILE. More keys: ${prefix}_API_KEY__<ALIAS>, …__<ALIAS>_FILE, with __ for a - in the alias`,
      z.string().min(1),
    ),
  };
}

/** Every variable with its description, in the order of the documentation. */
export function allSettings(): Record<string, Setting<unknown>> {
  const ofProvider = (name: ProviderName) => ({
    ...providerSettings(name),
    [`${name.toUpperCase()}_RATE`]: rateSetting(name),
  });
  return Object.assign({ ...settings }, ...providerNames.map(ofProvider)) as Record<string, Setting<unknown>>;
}
