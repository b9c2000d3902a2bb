import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { aliasOf, createCredentialResolver, keyVariable } from '../../src/config/credentials.ts';
import { credentialAlias } from '../../src/providers/job-options.ts';
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

  it('keeps the key of one alias from another that differs by - and _ alone', async () => {
    const resolve = resolverOf({ TIRO_API_KEY: 'one', TIRO_API_KEY__ACME_EU: 'two', TIRO_API_KEY__ACME__EU: 'three' });
    await expect(resolve('tiro', 'default')).resolves.toBe('one');
    await expect(resolve('tiro', 'acme_eu')).resolves.toBe('two');
    await expect(resolve('tiro', 'acme-eu')).resolves.toBe('three');
    await refusalOf(resolverOf({ TIRO_API_KEY__ACME_EU: 'two' })('tiro', 'acme-eu'));
    await refusalOf(resolverOf({ TIRO_API_KEY__ACME__EU: 'three' })('tiro', 'acme_eu'));
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
    ['acme-eu', 'TIRO_API_KEY__ACME__EU'],
    ['acme_eu', 'TIRO_API_KEY__ACME_EU'],
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

describe('an alias and its variable', () => {
  const word = fc.stringMatching(/^[a-z0-9]{1,6}$/);
  const aliases = fc
    .tuple(
      fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/),
      fc.array(fc.tuple(fc.constantFrom('-', '_'), word), { maxLength: 4 }),
    )
    .map(([first, rest]) => first + rest.flat().join(''))
    .filter((alias) => credentialAlias.safeParse(alias).success);

  it('give each other back', () => {
    fc.assert(
      fc.property(aliases, (alias) => {
        expect(aliasOf('slng', keyVariable('slng', alias))).toBe(alias);
        const { credentials } = readConfig({
          [keyVariable('slng', alias)]: 'a',
          [`${keyVariable('soket', alias)}_FILE`]: '/b',
        });
        expect([...credentials.slng]).toEqual([[alias, { kind: 'value', value: 'a' }]]);
        expect([...credentials.soket]).toEqual([[alias, { kind: 'file', path: '/b' }]]);
      }),
    );
  });

  it('are of one kind: no two aliases share a variable', () => {
    fc.assert(
      fc.property(aliases, aliases, (one, other) => {
        expect(keyVariable('tiro', one) === keyVariable('tiro', other)).toBe(one === other);
      }),
    );
  });

  it("are each other's inverse, also for what is none", () => {
    const written = fc.oneof(
      fc.stringMatching(/^[ab1_-]{0,8}$/),
      fc.stringMatching(/^[abfile_-]{0,8}$/),
      fc.string({ unit: 'binary', maxLength: 4 }),
    );
    const capitals = fc.stringMatching(/^[AB1_-]{0,8}$/);
    fc.assert(
      fc.property(written, capitals, fc.string({ unit: 'binary' }), (alias, capital, any) => {
        const isAlias = credentialAlias.safeParse(alias).success;
        expect(aliasOf('tiro', keyVariable('tiro', alias)) === alias).toBe(isAlias);
        for (const end of [capital, `${capital}_FILE`, any, 'K\u212a', 'DEFAULT']) {
          const variable = `TIRO_API_KEY__${end}`;
          const found = aliasOf('tiro', variable);
          if (found != null) expect(keyVariable('tiro', found)).toBe(variable);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    'Acme',
    'a--b',
    'a__b',
    'a-_b',
    'a_-b',
    '-a',
    'a-',
    'a_',
    '1a',
    'file',
    'x_file',
    'x-file',
    'a'.repeat(42),
    'a b',
  ])('are refused for %s', (alias) => {
    expect(credentialAlias.safeParse(alias).success).toBe(false);
  });

  test.each(['profile', 'file_a', 'a1_2-3', 'a'.repeat(41)])('are taken for %s', (alias) => {
    expect(credentialAlias.safeParse(alias).success).toBe(true);
  });
});
