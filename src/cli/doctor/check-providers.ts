import { request } from 'undici';
import type { Config } from '../../config/config.ts';
import { createCredentialResolver, keyVariable } from '../../config/credentials.ts';
import { createAgent, type ForwardProxies } from '../../http/forward-proxy.ts';
import { type ProviderName, providerNames, providers } from '../../providers/registry.ts';
import { type Check, fail, ok, reasonOf, warn } from './check.ts';

const answerWithinMs = 4000;

/** Whether each provider has a key and answers; keys are neither sent nor shown. */
export async function checkProviders(config: Config): Promise<Check[]> {
  const checks = (await Promise.all(providerNames.map((name) => checkProvider(name, config)))).flat();
  if (config.keyless.length < providerNames.length) return checks;
  const remedy = 'Set at least one *_API_KEY, or run `provider-jobs dev`, which simulates every provider.';
  return [...checks, warn('Keys', 'no provider has a key, so a worker would run workflows only', remedy)];
}

async function checkProvider(name: ProviderName, config: Config): Promise<Check[]> {
  const { title } = providers[name];
  const baseUrl = config.baseUrls[name];
  const aliases = [...config.credentials[name].keys()];
  const [kind, problem] = await Promise.all([kindOf(name, config), findUnreachable(baseUrl, config)]);
  const where = `${kind} at ${baseUrl}`;
  if (aliases.length === 0) {
    const reach = problem === null ? 'answers' : `does not answer: ${problem}`;
    return [
      warn(title, `no key, so its roles are off; ${where} ${reach}`, `Set ${keyVariable(name, 'default')} to use it.`),
    ];
  }
  const keys = `${aliases.length === 1 ? 'key' : 'keys'}: ${aliases.join(', ')}`;
  const reachable =
    problem === null
      ? ok(title, `${where} answers; ${keys}`)
      : fail(
          title,
          `${where} does not answer: ${problem}; ${keys}`,
          `Check ${name.toUpperCase()}_BASE_URL and the network.`,
        );
  return [reachable, ...(await checkKeys(name, aliases, config))];
}

async function checkKeys(name: ProviderName, aliases: string[], config: Config): Promise<Check[]> {
  const resolve = createCredentialResolver(config.credentials);
  const unreadable = async (alias: string): Promise<Check[]> => {
    try {
      await resolve(name, alias);
      return [];
    } catch (error) {
      return [fail(`${providers[name].title} key ${alias}`, reasonOf(error), 'Correct the file or its name.')];
    }
  };
  return (await Promise.all(aliases.map(unreadable))).flat();
}

async function findUnreachable(baseUrl: string, { proxies }: Config): Promise<string | null> {
  try {
    // Any answer will do, also a refusal: it shows that somebody is there.
    await answerOf(baseUrl, 'HEAD', proxies);
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

async function kindOf(name: ProviderName, { baseUrls, proxies }: Config): Promise<string> {
  const baseUrl = baseUrls[name];
  if (baseUrl === providers[name].defaultBaseUrl) return 'the real service';
  try {
    const status = await answerOf(new URL('/_simulator/health', baseUrl).href, 'GET', proxies);
    return status === 200 ? 'the simulator' : 'another server';
  } catch {
    return 'another server';
  }
}

/** The status of an answer, which comes by the way that a worker's requests take. */
async function answerOf(url: string, method: 'GET' | 'HEAD', proxies: ForwardProxies): Promise<number> {
  const within = { headersTimeout: answerWithinMs, bodyTimeout: answerWithinMs };
  const dispatcher = createAgent(within, { timeout: answerWithinMs }, proxies);
  try {
    const { statusCode, body } = await request(url, { method, dispatcher });
    await body.dump();
    return statusCode;
  } finally {
    await dispatcher.destroy();
  }
}
