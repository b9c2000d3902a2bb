import { readFile } from 'node:fs/promises';
import type { ResolveCredential } from '../providers/connection/provider-connections.ts';
import { ProviderError } from '../providers/connection/provider-error.ts';
import { credentialAlias } from '../providers/job-options.ts';
import { providers, type ProviderName } from '../providers/registry.ts';

/** Where one key comes from: the environment itself, or a file that is read again at each attempt. */
export type KeySource = { kind: 'value'; value: string } | { kind: 'file'; path: string };

/** The keys that a worker knows, by provider and alias. */
export type Credentials = Record<ProviderName, ReadonlyMap<string, KeySource>>;

/** What there is a variable of for each alias. */
export type OfAlias = 'API_KEY' | 'RATE';

/** The variable that holds the key (or rate) of an alias: `acme_eu` is `…__ACME_EU` and `acme-eu` is `…__ACME__EU`. */
export function keyVariable(provider: ProviderName, alias: string, what: OfAlias = 'API_KEY'): string {
  const name = `${provider.toUpperCase()}_${what}`;
  return alias === 'default' ? name : `${name}__${alias.toUpperCase().replaceAll('-', '__')}`;
}

/** The inverse of `keyVariable`: the alias, `null` for what no alias is written as, `undefined` for another variable. */
export function aliasOf(
  provider: ProviderName,
  variable: string,
  what: OfAlias = 'API_KEY',
): string | null | undefined {
  const name = `${provider.toUpperCase()}_${what}`;
  if (variable === name) return 'default';
  if (!variable.startsWith(`${name}__`)) return undefined;
  const alias = variable
    .slice(name.length + 2)
    .replaceAll('__', '-')
    .toLowerCase();
  // One alias is one variable: in capitals, and the default one without its name.
  return credentialAlias.safeParse(alias).success && keyVariable(provider, alias, what) === variable ? alias : null;
}

/** Whether a text can be sent as a key at all. */
export const isKey = (text: string) => /^[\x21-\x7e]+$/.test(text);
/** What is wrong with one that cannot; it is never shown. */
export const notAKey = 'expected a key of visible ASCII characters, without spaces, line breaks and typographic quotes';

function refuse(provider: ProviderName, words: string): never {
  const operation = `find the ${providers[provider].title} key`;
  throw new ProviderError({ kind: 'credential-refused', operation, words });
}

/**
 * Resolves aliases from the environment's keys.
 * @throws ProviderError (`credential-refused`) that names the variable, never its content.
 */
export function createCredentialResolver(credentials: Credentials): ResolveCredential {
  return async (provider, alias) => {
    const source = credentials[provider].get(alias);
    const variable = keyVariable(provider, alias);
    if (source === undefined) return refuse(provider, `set ${variable} or ${variable}_FILE on the worker`);
    if (source.kind === 'value') return source.value;
    try {
      const key = (await readFile(source.path, 'utf8')).trim();
      if (key === '') return refuse(provider, `the file named by ${variable}_FILE is empty`);
      return isKey(key) ? key : refuse(provider, `what the file named by ${variable}_FILE holds: ${notAKey}`);
    } catch (error) {
      if (error instanceof ProviderError) throw error;
      return refuse(provider, `the file named by ${variable}_FILE cannot be read: ${String(error)}`);
    }
  };
}
