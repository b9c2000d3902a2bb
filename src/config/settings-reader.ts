import type { ConfigurationFault } from './configuration-error.ts';
import { aliasOf, isKey, keyVariable, type KeySource, notAKey, type OfAlias } from './credentials.ts';
import { type ForwardProxies, parseProxy } from '../http/forward-proxy.ts';
import { redact } from '../http/redact.ts';
import type { RateLimit } from '../providers/provider.ts';
import { providerNames, providers, type ProviderName } from '../providers/registry.ts';
import { rateSetting, type Setting, settings } from './settings.ts';

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What one worker process runs: one task queue each. */
export type Role = 'workflows' | ProviderName | `${ProviderName}-transfer`;

/** Every role that there is. */
export const allRoles: readonly Role[] = [
  'workflows',
  ...providerNames.flatMap((name) => [name, `${name}-transfer`] as const),
];

/** The version of a worker deployment that a worker belongs to. */
export interface DeploymentVersion {
  deploymentName: string;
  buildId: string;
}

// An empty variable is how compose files and shells write "not set".
function valueOf(environment: Environment, variable: string): string | undefined {
  const value = environment[variable]?.trim();
  return value === '' ? undefined : value;
}

// Whatever the port and the path; a dot at the end of a name changes nothing.
const hostOf = (url: string) => (URL.canParse(url) ? new URL(url).hostname.replace(/\.$/, '') : null);

function isRealService(name: ProviderName, baseUrl: string): boolean {
  return hostOf(baseUrl) === hostOf(providers[name].defaultBaseUrl);
}

function noAlias(provider: ProviderName, what: OfAlias): string {
  const [dashed, plain] = ['acme-eu', 'acme_eu'].map((alias) => `${keyVariable(provider, alias, what)} for ${alias}`);
  return `no alias is written so: capitals and digits, as in ${dashed ?? ''}, ${plain ?? ''}, and no alias ends in file`;
}

/** What is wrong with an address that is no proxy's; it may hold a password and is not shown. */
export const notAProxy =
  'expected the address of a proxy for HTTP, for instance http://proxy.example:3128, ' +
  'with user name and password or neither, and %25 for a % in them';

/** Reads settings out of an environment and keeps every fault that it comes upon. */
export class SettingsReader {
  readonly faults: ConfigurationFault[] = [];
  readonly environment: Environment;

  constructor(environment: Environment) {
    this.environment = environment;
  }

  /** Notes what is wrong with a variable. */
  fault(variable: string, problem: string): void {
    this.faults.push({ variable, problem });
  }

  /** Reads one setting; a wrong one is noted and counts as not set. */
  read<T>(variable: string, { schema, default: fallback, refusesEmpty = false }: Setting<T>): T | undefined {
    const given = refusesEmpty ? this.environment[variable]?.trim() : valueOf(this.environment, variable);
    const written = given ?? fallback;
    if (written === undefined) return undefined;
    const parsed = schema.safeParse(written);
    if (parsed.success) return parsed.data;
    // A key that was put in the place of an address, or into it, must not be shown.
    const mayHoldKey = /_BASE_URL$|^PROVIDER_JOBS_METRICS$/.test(variable) || written.includes('@');
    const shown = mayHoldKey ? '' : `; it is "${redact(written).slice(0, 60)}"`;
    this.fault(variable, `${parsed.error.issues[0]?.message ?? 'not valid'}${shown}`);
    return undefined;
  }

  /** Reads a provider's keys: `X_API_KEY`, `X_API_KEY__ALIAS`, each also with `_FILE`. */
  readKeys(provider: ProviderName): ReadonlyMap<string, KeySource> {
    const keys = new Map<string, KeySource>();
    const variables = new Map<string, string>();
    for (const variable of Object.keys(this.environment).sort()) {
      const value = valueOf(this.environment, variable);
      const alias = aliasOf(provider, variable.replace(/(?<!_)_FILE$/, ''));
      if (value === undefined || alias === undefined) continue;
      if (alias === null) {
        this.fault(variable, noAlias(provider, 'API_KEY'));
        continue;
      }
      const other = variables.get(alias);
      if (other !== undefined) this.fault(variable, `set either this or ${other}, not both: the alias is ${alias}`);
      variables.set(alias, variable);
      if (!variable.endsWith('_FILE') && !isKey(value)) this.fault(variable, notAKey);
      keys.set(alias, variable.endsWith('_FILE') ? { kind: 'file', path: value } : { kind: 'value', value });
    }
    return keys;
  }

  /** Reads a provider's rates: `X_RATE` for all of its keys, `X_RATE__ALIAS` for one. */
  readRates(provider: ProviderName, keys: ReadonlyMap<string, KeySource>): ReadonlyMap<string, RateLimit> {
    const rates = new Map<string, RateLimit>();
    const setting = rateSetting(provider);
    for (const variable of Object.keys(this.environment).sort()) {
      const alias = aliasOf(provider, variable, 'RATE');
      if (alias === undefined || valueOf(this.environment, variable) === undefined) continue;
      if (alias === null) this.fault(variable, noAlias(provider, 'RATE'));
      // Where there are no keys at all, they come from elsewhere, or are of no use here.
      else if (alias !== 'default' && keys.size > 0 && !keys.has(alias)) {
        const variables = [...keys.keys()].map((each) => keyVariable(provider, each));
        this.fault(variable, `there is no key ${keyVariable(provider, alias)}; there are ${variables.join(', ')}`);
      }
      const read = this.read(variable, setting);
      if (read !== undefined && alias !== null) rates.set(alias, read);
    }
    return rates;
  }

  /** Reads the forward proxies, which other programs go by too: each variable in small letters or in capitals. */
  readProxies(): ForwardProxies {
    const written = (name: string) =>
      [name, name.toUpperCase()].find((variable) => valueOf(this.environment, variable) !== undefined);
    const proxy = (name: string) => {
      const variable = written(name);
      if (variable === undefined) return undefined;
      const url = parseProxy(valueOf(this.environment, variable) ?? '');
      if (url === null) this.fault(variable, notAProxy);
      return url?.href;
    };
    const except = written('no_proxy');
    return {
      http: proxy('http_proxy'),
      https: proxy('https_proxy'),
      except: except === undefined ? '' : (valueOf(this.environment, except) ?? ''),
    };
  }

  /** Reads the roles as they were written; a role of a provider without a key is a fault. */
  readRoles(written: string, withKeys: readonly ProviderName[]): Role[] {
    if (written === 'all') return ['workflows', ...withKeys.flatMap((name) => [name, `${name}-transfer`] as const)];
    const words = written.split(',').map((word) => word.trim());
    const unknown = words.filter((word) => !allRoles.some((role) => role === word));
    if (unknown.length > 0) {
      this.fault(
        'PROVIDER_JOBS_ROLES',
        `unknown: ${unknown.join(', ')}; expected all or some of ${allRoles.join(', ')}`,
      );
    }
    for (const name of providerNames) {
      const wanted = words.some((word) => word === name || word === `${name}-transfer`);
      if (wanted && !withKeys.includes(name)) {
        this.fault(`${name.toUpperCase()}_API_KEY`, `needed for the role ${name}; set it or leave the role out`);
      }
    }
    return allRoles.filter((role) => words.includes(role));
  }

  /** Reads the version that a worker belongs to: both of its parts, or neither where versioning is off. */
  readDeploymentVersion(): DeploymentVersion | undefined {
    const variables = ['PROVIDER_JOBS_DEPLOYMENT_NAME', 'PROVIDER_JOBS_BUILD_ID'] as const;
    const missing = variables.filter((variable) => valueOf(this.environment, variable) === undefined);
    const [deploymentName, buildId] = variables.map((variable) => this.read(variable, settings[variable]));
    const [alone] = missing;
    if (alone !== undefined && missing.length === 1) {
      const other = variables.find((variable) => variable !== alone) ?? '';
      this.fault(alone, `not set, though ${other} is; set both, or neither to leave worker versioning off`);
    }
    return deploymentName === undefined || buildId === undefined ? undefined : { deploymentName, buildId };
  }

  /** Faults clocks that run faster than those of a real service that would be called. */
  noteHurriedServices(
    { timeScale, baseUrls }: { timeScale: number; baseUrls: Record<ProviderName, string> },
    withKeys: readonly ProviderName[],
  ): void {
    const isForced = this.read('PROVIDER_JOBS_FORCE_TIME_SCALE', settings.PROVIDER_JOBS_FORCE_TIME_SCALE);
    if (timeScale <= 1 || isForced === true) return;
    const real = withKeys.filter((name) => isRealService(name, baseUrls[name]));
    if (real.length === 0) return;
    const variables = real.map((name) => `${name.toUpperCase()}_BASE_URL`).join(', ');
    this.fault(
      'PROVIDER_JOBS_TIME_SCALE',
      `above 1 only with the simulator: with ${String(timeScale)} the real service of ` +
        `${real.map((name) => providers[name].title).join(', ')} would be asked too often; leave it out, or set ` +
        `${variables}; PROVIDER_JOBS_FORCE_TIME_SCALE=true does it all the same`,
    );
  }

  /** Faults what has our prefix but is no setting. */
  noteUnknown(): void {
    for (const variable of Object.keys(this.environment)) {
      if (!variable.startsWith('PROVIDER_JOBS_') || Object.hasOwn(settings, variable)) continue;
      this.fault(variable, `no such setting; there are ${Object.keys(settings).join(', ')}`);
    }
  }
}
