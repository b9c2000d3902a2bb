import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type ProviderName, providerNames, providers } from '../providers/registry.ts';
import { providerPrefixes } from '../simulator/operations.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The variables by which a worker uses a simulator instead of the real services. */
export type SimulatedEnvironment = Record<string, string>;

/** The providers whose real service may be used: those with a key in the environment. */
export function providersWithKeys(environment: Environment): ProviderName[] {
  return providerNames.filter((name) =>
    Object.entries(environment).some(
      ([variable, value]) => isKeyOf(name, variable) && value !== '' && value !== undefined,
    ),
  );
}

/** The providers that the simulator plays. */
export const playedProviders = providerNames.filter((name) => Object.hasOwn(providerPrefixes, name));

/** Makes up a key for each simulated provider, in the form that its service uses. */
export function makeUpKeys(simulated: readonly ProviderName[]): SimulatedEnvironment {
  const secret = () => randomBytes(12).toString('hex');
  return Object.fromEntries(
    // Tiro's keys are an id and a secret with a dot between; any key may have that form.
    simulated.map((name) => [`${name.toUpperCase()}_API_KEY`, `simulated.${secret()}`]),
  );
}

// A dev server has no current version, without which versioned workers get no tasks; on a server of somebody else's the
// queues of a simulation would belong to the version of the real workers.
const versioningVariables = ['PROVIDER_JOBS_DEPLOYMENT_NAME', 'PROVIDER_JOBS_BUILD_ID'];

// What a simulator takes says nothing of the real service.
const learnedVariable = 'PROVIDER_JOBS_PRIORS';

/** Whatever roles the environment names: a local stack's worker has them all. */
export const allRoles = { PROVIDER_JOBS_ROLES: 'all' };

/**
 * The environment without worker versioning, what was learned, and every real key, its rate and base URL of the simulated
 * providers, so that no real key is ever sent to a simulator, and with the given variables in their place.
 */
export function simulatedEnvironment(
  environment: Environment,
  simulated: readonly ProviderName[],
  variables: SimulatedEnvironment,
): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(
    ([variable]) =>
      !versioningVariables.includes(variable) &&
      !(variable === learnedVariable && simulated.length > 0) &&
      !simulated.some((name) => isOfProvider(name, variable)),
  );
  return { ...Object.fromEntries(kept), ...variables };
}

/** The environment with Temporal's own settings replaced by a dev server's; a profile of the user's must not mix in. */
export function devServerEnvironment(environment: Environment, server: { address: string; namespace: string }) {
  const kept = Object.entries(environment).filter(
    ([variable]) => !variable.startsWith('TEMPORAL_') || variable === 'TEMPORAL_CLI_PATH',
  );
  return {
    ...Object.fromEntries(kept),
    TEMPORAL_ADDRESS: server.address,
    TEMPORAL_NAMESPACE: server.namespace,
    // A file that does not exist is how its reader is told that there are no profiles.
    TEMPORAL_CONFIG_FILE: fileURLToPath(new URL('./no-profiles.toml', import.meta.url)),
  };
}

/** The base URL variables for a simulator at this address; a provider that it does not play has none. */
export function simulatorBaseUrls(simulatorUrl: string, simulated: readonly ProviderName[]): SimulatedEnvironment {
  const prefixes: Partial<Record<string, string>> = providerPrefixes;
  return Object.fromEntries(
    simulated.flatMap((name) => {
      const prefix = prefixes[name];
      return prefix === undefined ? [] : [[`${name.toUpperCase()}_BASE_URL`, `${simulatorUrl}${prefix}`]];
    }),
  );
}

/** Which services are simulated and which are real, in one sentence. */
export function describeSimulated(simulated: readonly ProviderName[]): string {
  const titles = (names: readonly ProviderName[]) => names.map((name) => providers[name].title).join(', ');
  const real = providerNames.filter((name) => !simulated.includes(name));
  if (real.length === 0) return `Simulated: ${titles(simulated)}. No real service is called.`;
  const rest = simulated.length === 0 ? '' : ` Simulated: ${titles(simulated)}.`;
  return `REAL services, with your keys and at your cost: ${titles(real)}.${rest}`;
}

function isOfProvider(name: ProviderName, variable: string): boolean {
  const prefix = name.toUpperCase();
  return (
    isKeyOf(name, variable) || variable === `${prefix}_BASE_URL` || new RegExp(`^${prefix}_RATE(__.*)?$`).test(variable)
  );
}

function isKeyOf(name: ProviderName, variable: string): boolean {
  return new RegExp(`^${name.toUpperCase()}_API_KEY(__[A-Z0-9_]+)?(_FILE)?$`).test(variable);
}
