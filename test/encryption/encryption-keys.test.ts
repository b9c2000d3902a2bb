import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { ConfigurationError, readConfig } from '../../src/config/config.ts';
import { EncryptionKeysError, parseEncryptionKeys } from '../../src/encryption/encryption-keys.ts';

const one = Buffer.alloc(32, 1).toString('base64');
const two = randomBytes(32).toString('base64url');
const variable = 'PROVIDER_JOBS_ENCRYPTION_KEYS';
const fileVariable = `${variable}_FILE`;

function errorOf(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('there was no error');
}

describe('encryption keys', () => {
  it.each([`2026-01:${one},old:${two}`, ` 2026-01:${one} ,\n old:${two}\n`, `2026-01:${one}\nold:${two}\n`])(
    'are read in their order from %j',
    (written) => {
      const keys = parseEncryptionKeys(written);
      expect(keys.map(({ id }) => id)).toEqual(['2026-01', 'old']);
      expect(keys.map(({ key }) => key.export().toString('base64url'))).toEqual([
        Buffer.alloc(32, 1).toString('base64url'),
        two,
      ]);
    },
  );

  test.each([
    ['nothing but a comma', ',', /no key/],
    ['a key without an id', one, /entry 1 is not id:key/],
    ['an id without a key', `a:${one},b:`, /entry 2 is not id:key/],
    ['three parts', `a:${one}:${two}`, /entry 1 is not id:key/],
    ['a short key', `a:${randomBytes(16).toString('base64')}`, /entry 1 .*32 bytes/],
    ['a long key', `a:${randomBytes(33).toString('base64')}`, /entry 1 .*32 bytes/],
    ['a key in hexadecimal', `a:${randomBytes(32).toString('hex')}`, /entry 1 .*32 bytes/],
    ['an id with a space in it', `a b:${one}`, /entry 1/],
    ['a key in the place of the id', `${one}:a`, /entry 1/],
    ['an id that is too long', `${'a'.repeat(65)}:${one}`, /entry 1 has an id/],
    ['an id that is given twice', `a:${one},a:${two}`, /same id/],
  ])('are refused with %s, and shown in no error', (_what, written, expected) => {
    const error = errorOf(() => parseEncryptionKeys(written));
    expect(error).toBeInstanceOf(EncryptionKeysError);
    expect(error.message).toMatch(expected);
    for (const part of written.split(/[:,\s]/).filter((each) => each.length > 10)) {
      expect(error.message).not.toContain(part);
    }
  });

  it('do not show when a configuration is printed', () => {
    expect(JSON.stringify(readConfig({ [variable]: `a:${one}` }))).not.toContain(one.slice(0, 12));
  });
});

describe('the configuration', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'provider-jobs-keys-'));
    await writeFile(join(folder, 'keys'), `a:${one}\nb:${two}\n`);
    await writeFile(join(folder, 'broken'), 'a:canary');
  });
  afterAll(() => rm(folder, { recursive: true }));

  const idsOf = (environment: Record<string, string>) => readConfig(environment).encryptionKeys.map(({ id }) => id);

  it('has no encryption keys unless they are given', () => {
    expect(idsOf({})).toEqual([]);
    expect(idsOf({ [variable]: ' ', [fileVariable]: '' })).toEqual([]);
  });

  it('takes encryption keys from a variable or from a file', () => {
    expect(idsOf({ [variable]: `b:${two},a:${one}` })).toEqual(['b', 'a']);
    expect(idsOf({ [fileVariable]: join(folder, 'keys') })).toEqual(['a', 'b']);
  });

  it.each([
    ['a broken value', () => ({ [variable]: `a:canary` }), variable],
    ['a broken file', () => ({ [fileVariable]: join(folder, 'broken') }), fileVariable],
    ['a file that is not there', () => ({ [fileVariable]: join(folder, 'none') }), fileVariable],
    ['both at once', () => ({ [variable]: `canary:${one}`, [fileVariable]: join(folder, 'keys') }), fileVariable],
  ])('names %s together with all other faults, and shows nothing of it', (_what, environment, named) => {
    const error = errorOf(() => readConfig({ ...environment(), PROVIDER_JOBS_TIME_SCALE: 'fast' }));
    expect(error).toBeInstanceOf(ConfigurationError);
    for (const wrong of [named, 'PROVIDER_JOBS_TIME_SCALE']) expect(error.message).toContain(`  ${wrong}: `);
    expect(error.message).toMatch(/^2 settings are wrong/);
    expect(error.message).not.toContain('canary');
  });
});
