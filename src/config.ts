import { type ConfigurationFault, ConfigurationError } from './configuration-error.ts';
import type { Credentials, KeySource } from './credentials.ts';
import type { EncryptionKey } from './encryption/encryption-keys.ts';
import { readEncryptionKeys } from './encryption/read-encryption-keys.ts';
import { providerNames, type ProviderName } from './providers/registry.ts';
import { providerSettings, type Setting, settings } from './settings.ts';

export { ConfigurationError, type ConfigurationFault };

type Environment = Readonly<Record<string, string | undefined>>;

/** What one worker process runs: one task queue each. */
export type Role = 'workflows' | ProviderName | `${ProviderName}-transfer`;

/** Everything that is configured, checked. Keys are reachable only through `credentials`. */
export interface Config {
  timeScale: number;
  resultsDirectory: string;
  /** Absolute directories; `undefined` allows every file. */
  sourceRoots: string[] | undefined;
  allowPrivateSources: boolean;
  roles: Role[];
  /** Roles that were asked for by `all` but are off because their provider has no key. */
  keyless: ProviderName[];
  transfersPerProvider: number;
  shutdownGraceMs: number;
  healthPort: number | undefined;
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  webUrl: string | undefined;
  temporalCliPath: string | undefined;
  baseUrls: Record<ProviderName, string>;
  credentials: Credentials;
  /** The first encrypts what goes to Temporal, all of them decrypt; none where encryption is off. */
  encryptionKeys: EncryptionKey[];
}

// An empty variable is how compose files and shells write "not set".
function valueOf(environment: Environment, variable: string): string | undefined {
  const value = environment[variable]?.trim();
  return value === '' ? undefined : value;
}

class Reader {
  readonly faults: ConfigurationFault[] = [];
  readonly environment: Environment;

  constructor(environment: Environment) {
    this.environment = environment;
  }

  fault(variable: string, problem: string): void {
    this.faults.push({ variable, problem });
  }

  /** Reads one setting; a wrong one is noted and counts as not set. */
  read<T>(variable: string, { schema, default: fallback }: Setting<T>): T | undefined {
    const given = valueOf(this.environment, variable);
    const written = given ?? fallback;
    if (written === undefined) return undefined;
    const parsed = schema.safeParse(written);
    if (parsed.success) return parsed.data;
    // A key that was put in the place of an address must not be shown.
    const shown = variable.endsWith('_BASE_URL') ? '' : `; it is "${written.slice(0, 60)}"`;
    this.fault(variable, `${parsed.error.issues[0]?.message ?? 'not valid'}${shown}`);
    return undefined;
  }

  /** Reads a provider's keys: `X_API_KEY`, `X_API_KEY__ALIAS`, each also with `_FILE`. */
  readKeys(provider: ProviderName): ReadonlyMap<string, KeySource> {
    const pattern = new RegExp(`^${provider.toUpperCase()}_API_KEY(?:__([A-Z][A-Z0-9_]*?))?(_FILE)?$`);
    const keys = new Map<string, KeySource>();
    for (const variable of Object.keys(this.environment).sort()) {
      const match = pattern.exec(variable);
      const value = valueOf(this.environment, variable);
      if (match === null || value === undefined) continue;
      const alias = (match[1] ?? 'default').toLowerCase();
      if (keys.has(alias)) this.fault(variable, `set either this or ${variable.replace(/_FILE$/, '')}, not both`);
      keys.set(alias, match[2] === undefined ? { kind: 'value', value } : { kind: 'file', path: value });
    }
    return keys;
  }

  readRoles(written: string, credentials: Credentials): Role[] {
    const withKeys = providerNames.filter((name) => credentials[name].size > 0);
    if (written === 'all') return ['workflows', ...withKeys.flatMap((name) => [name, `${name}-transfer`] as const)];
    const allowed: Role[] = ['workflows', ...providerNames.flatMap((name) => [name, `${name}-transfer`] as const)];
    const words = written.split(',').map((word) => word.trim());
    const unknown = words.filter((word) => !allowed.some((role) => role === word));
    if (unknown.length > 0) {
      this.fault(
        'PROVIDER_JOBS_ROLES',
        `unknown: ${unknown.join(', ')}; expected all or some of ${allowed.join(', ')}`,
      );
    }
    for (const name of providerNames) {
      const wanted = words.some((word) => word === name || word === `${name}-transfer`);
      if (wanted && credentials[name].size === 0) {
        this.fault(`${name.toUpperCase()}_API_KEY`, `needed for the role ${name}; set it or leave the role out`);
      }
    }
    return allowed.filter((role) => words.includes(role));
  }

  noteUnknown(): void {
    for (const variable of Object.keys(this.environment)) {
      if (!variable.startsWith('PROVIDER_JOBS_') || Object.hasOwn(settings, variable)) continue;
      this.fault(variable, `no such setting; there are ${Object.keys(settings).join(', ')}`);
    }
  }
}

function perProvider<T>(read: (name: ProviderName) => T): Record<ProviderName, T> {
  return Object.fromEntries(providerNames.map((name) => [name, read(name)])) as Record<ProviderName, T>;
}

/**
 * Reads the whole configuration from an environment.
 * @throws ConfigurationError with every fault at once.
 */
export function readConfig(environment: Environment): Config {
  const reader = new Reader(environment);
  const credentials = perProvider((name) => reader.readKeys(name));
  const baseUrls = perProvider((name) => {
    const variable = `${name.toUpperCase()}_BASE_URL`;
    const base = providerSettings(name)[variable];
    return (base === undefined ? undefined : reader.read(variable, base)) ?? '';
  });
  const config: Config = {
    timeScale: reader.read('PROVIDER_JOBS_TIME_SCALE', settings.PROVIDER_JOBS_TIME_SCALE) ?? 1,
    resultsDirectory: reader.read('PROVIDER_JOBS_RESULTS', settings.PROVIDER_JOBS_RESULTS) ?? '',
    sourceRoots: reader.read('PROVIDER_JOBS_SOURCE_ROOTS', settings.PROVIDER_JOBS_SOURCE_ROOTS),
    allowPrivateSources:
      reader.read('PROVIDER_JOBS_ALLOW_PRIVATE_SOURCES', settings.PROVIDER_JOBS_ALLOW_PRIVATE_SOURCES) ?? false,
    roles: reader.readRoles(reader.read('PROVIDER_JOBS_ROLES', settings.PROVIDER_JOBS_ROLES) ?? 'all', credentials),
    keyless: providerNames.filter((name) => credentials[name].size === 0),
    transfersPerProvider: reader.read('PROVIDER_JOBS_TRANSFERS', settings.PROVIDER_JOBS_TRANSFERS) ?? 1,
    shutdownGraceMs: reader.read('PROVIDER_JOBS_SHUTDOWN_GRACE', settings.PROVIDER_JOBS_SHUTDOWN_GRACE) ?? 1,
    healthPort: reader.read('PROVIDER_JOBS_HEALTH_PORT', settings.PROVIDER_JOBS_HEALTH_PORT),
    logLevel: reader.read('PROVIDER_JOBS_LOG_LEVEL', settings.PROVIDER_JOBS_LOG_LEVEL) ?? 'info',
    webUrl: reader.read('PROVIDER_JOBS_WEB_URL', settings.PROVIDER_JOBS_WEB_URL),
    temporalCliPath: reader.read('TEMPORAL_CLI_PATH', settings.TEMPORAL_CLI_PATH),
    baseUrls,
    credentials,
    encryptionKeys: readEncryptionKeys(environment, (variable, problem) => {
      reader.fault(variable, problem);
    }),
  };
  reader.noteUnknown();
  if (reader.faults.length > 0) throw new ConfigurationError(reader.faults);
  return config;
}
