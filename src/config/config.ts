import { type ConfigurationFault, ConfigurationError } from './configuration-error.ts';
import type { Credentials } from './credentials.ts';
import type { EncryptionKey } from '../encryption/encryption-keys.ts';
import { readEncryptionKeys } from '../encryption/read-encryption-keys.ts';
import type { ForwardProxies } from '../http/forward-proxy.ts';
import { providerNames, type ProviderName } from '../providers/registry.ts';
import type { MetricsTarget } from './metrics-target.ts';
import type { Rates } from './rates.ts';
import { providerSettings, settings } from './settings.ts';
import { type DeploymentVersion, type Environment, type Role, SettingsReader } from './settings-reader.ts';

export { ConfigurationError, type ConfigurationFault, type DeploymentVersion, type Environment, type Role };

/** Everything that is configured, checked. Keys are reachable only through `credentials`. */
export interface Config {
  /** Of workflows, and the stem of all others. */
  taskQueue: string;
  timeScale: number;
  /** A directory, or `s3://bucket/prefix`. */
  resultsDirectory: string;
  /** Where learned times are kept; `undefined` keeps them in memory alone. */
  priorsDirectory: string | undefined;
  /** Absolute directories; `undefined` allows every file. */
  sourceRoots: string[] | undefined;
  allowPrivateSources: boolean;
  roles: Role[];
  /** Roles that were asked for by `all` but are off because their provider has no key. */
  keyless: ProviderName[];
  /** Whether keys come from a `resolveCredential` of the program's own, for whichever provider. */
  keysElsewhere: boolean;
  transfersPerProvider: number;
  shutdownGraceMs: number;
  healthPort: number | undefined;
  /** Whether a worker sees to it that the namespace has our search attributes, or takes them as given. */
  searchAttributes: 'register' | 'assume';
  /** Where metrics go; `undefined` where nowhere. Only the command looks at it: a library leaves the SDK's runtime alone. */
  metrics: MetricsTarget | undefined;
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  webUrl: string | undefined;
  /** `undefined` where worker versioning is off. */
  deploymentVersion: DeploymentVersion | undefined;
  temporalCliPath: string | undefined;
  baseUrls: Record<ProviderName, string>;
  credentials: Credentials;
  rates: Rates;
  /** The way to providers, their storage and `https:` sources. */
  proxies: ForwardProxies;
  /** The first encrypts what goes to Temporal, all of them decrypt; none where encryption is off. */
  encryptionKeys: EncryptionKey[];
}

function perProvider<T>(read: (name: ProviderName) => T): Record<ProviderName, T> {
  return Object.fromEntries(providerNames.map((name) => [name, read(name)])) as Record<ProviderName, T>;
}

/** How the configuration is read. */
export interface ReadConfigOptions {
  /**
   * True where keys come from a `resolveCredential` of the program's own: every provider can be served, and no role
   * needs a key in the environment. Default false.
   */
  keysElsewhere?: boolean;
}

/**
 * Reads the whole configuration from an environment.
 * @throws ConfigurationError with every fault at once.
 */
export function readConfig(environment: Environment, { keysElsewhere = false }: ReadConfigOptions = {}): Config {
  const reader = new SettingsReader(environment);
  const credentials = perProvider((name) => reader.readKeys(name));
  const served = providerNames.filter((name) => keysElsewhere || credentials[name].size > 0);
  const baseUrls = perProvider((name) => {
    const variable = `${name.toUpperCase()}_BASE_URL`;
    const base = providerSettings(name)[variable];
    return (base === undefined ? undefined : reader.read(variable, base)) ?? '';
  });
  const config: Config = {
    taskQueue: reader.read('PROVIDER_JOBS_TASK_QUEUE', settings.PROVIDER_JOBS_TASK_QUEUE) ?? '',
    timeScale: reader.read('PROVIDER_JOBS_TIME_SCALE', settings.PROVIDER_JOBS_TIME_SCALE) ?? 1,
    resultsDirectory: reader.read('PROVIDER_JOBS_RESULTS', settings.PROVIDER_JOBS_RESULTS) ?? '',
    priorsDirectory: reader.read('PROVIDER_JOBS_PRIORS', settings.PROVIDER_JOBS_PRIORS),
    sourceRoots: reader.read('PROVIDER_JOBS_SOURCE_ROOTS', settings.PROVIDER_JOBS_SOURCE_ROOTS),
    allowPrivateSources:
      reader.read('PROVIDER_JOBS_ALLOW_PRIVATE_SOURCES', settings.PROVIDER_JOBS_ALLOW_PRIVATE_SOURCES) ?? false,
    roles: reader.readRoles(reader.read('PROVIDER_JOBS_ROLES', settings.PROVIDER_JOBS_ROLES) ?? 'all', served),
    keyless: providerNames.filter((name) => !served.includes(name)),
    keysElsewhere,
    transfersPerProvider: reader.read('PROVIDER_JOBS_TRANSFERS', settings.PROVIDER_JOBS_TRANSFERS) ?? 1,
    shutdownGraceMs: reader.read('PROVIDER_JOBS_SHUTDOWN_GRACE', settings.PROVIDER_JOBS_SHUTDOWN_GRACE) ?? 1,
    healthPort: reader.read('PROVIDER_JOBS_HEALTH_PORT', settings.PROVIDER_JOBS_HEALTH_PORT),
    searchAttributes:
      reader.read('PROVIDER_JOBS_SEARCH_ATTRIBUTES', settings.PROVIDER_JOBS_SEARCH_ATTRIBUTES) ?? 'register',
    metrics: reader.read('PROVIDER_JOBS_METRICS', settings.PROVIDER_JOBS_METRICS),
    logLevel: reader.read('PROVIDER_JOBS_LOG_LEVEL', settings.PROVIDER_JOBS_LOG_LEVEL) ?? 'info',
    webUrl: reader.read('PROVIDER_JOBS_WEB_URL', settings.PROVIDER_JOBS_WEB_URL),
    deploymentVersion: reader.readDeploymentVersion(),
    temporalCliPath: reader.read('TEMPORAL_CLI_PATH', settings.TEMPORAL_CLI_PATH),
    baseUrls,
    credentials,
    rates: perProvider((name) => reader.readRates(name, keysElsewhere ? new Map() : credentials[name])),
    proxies: reader.readProxies(),
    encryptionKeys: readEncryptionKeys(environment, (variable, problem) => {
      reader.fault(variable, problem);
    }),
  };
  reader.noteHurriedServices(config, served);
  reader.noteUnknown();
  if (reader.faults.length > 0) throw new ConfigurationError(reader.faults);
  return config;
}
