import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { createCredentialResolver, keyVariable } from '../../src/config/credentials.ts';
import { ProviderError } from '../../src/providers/connection/provider-error.ts';

describe('the credential resolver', () => {
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'provider-jobs-keys-'));
    file = join(folder, 'key');
  });
  afterAll(() => rm(folder, { recursive: true }));

  const resolverOf = (environment: Record<string, string>) =>
    createCredentialResolver(readConfig(environment).credentials);

  async function refusalOf(promise: Promise<string>): Promise<ProviderError> {
    const error: unknown = await promise.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({ kind: 'credential-refused' });
    return error as ProviderError;
  }

  it('finds a key by alias, with a hyphen or without', async () => {
    const resolve = resolverOf({ TIRO_API_KEY: 'one', TIRO_API_KEY__ACME_EU: 'two' });
    await expect(resolve('tiro', 'default')).resolves.toBe('one');
    await expect(resolve('tiro', 'acme-eu')).resolves.toBe('two');
    await expect(resolve('tiro', 'acme_eu')).resolves.toBe('two');
  });

  it('reads a file anew at each attempt, so that a rotated key is picked up', async () => {
    const resolve = resolverOf({ SLNG_API_KEY_FILE: file });
    await writeFile(file, 'first\n');
    await expect(resolve('slng', 'default')).resolves.toBe('first');
    await writeFile(file, '  second  \n');
    await expect(resolve('slng', 'default')).resolves.toBe('second');
  });

  test.each([
    ['default', 'TIRO_API_KEY'],
    ['acme-eu', 'TIRO_API_KEY__ACME_EU'],
    ['constructor', 'TIRO_API_KEY__CONSTRUCTOR'],
  ])('names the variable of %s where there is no key', async (alias, variable) => {
    const error = await refusalOf(resolverOf({})('tiro', alias));
    expect(error.message).toContain(variable);
    expect(keyVariable('tiro', alias)).toBe(variable);
  });

  it('says so where the file is empty or cannot be read', async () => {
    await writeFile(file, ' \n');
    const resolve = resolverOf({ TIRO_API_KEY_FILE: file, TIRO_API_KEY__ACME_FILE: join(folder, 'none') });
    expect((await refusalOf(resolve('tiro', 'default'))).message).toMatch(/TIRO_API_KEY_FILE is empty/);
    expect((await refusalOf(resolve('tiro', 'acme'))).message).toMatch(/TIRO_API_KEY__ACME_FILE cannot be read/);
  });
});
