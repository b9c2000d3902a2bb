import { describe, expect, it, test } from 'vitest';
import { providerNames } from '../../src/providers/registry.ts';
import { SettingsReader } from '../../src/config/settings-reader.ts';
import { allSettings } from '../../src/config/settings.ts';

const entries = Object.entries(allSettings());

describe('the settings', () => {
  test.each(entries)(
    '%s has a description and a default that it accepts',
    (_variable, { description, default: fallback, schema }) => {
      expect(description).not.toBe('');
      if (fallback !== undefined) expect(schema.safeParse(fallback).success).toBe(true);
    },
  );

  it('hold an address and a key for each provider', () => {
    const variables = entries.map(([variable]) => variable);
    for (const name of providerNames) {
      expect(variables).toContain(`${name.toUpperCase()}_BASE_URL`);
      expect(variables).toContain(`${name.toUpperCase()}_API_KEY`);
    }
  });

  test.each([
    'https://me:secret@host/',
    'https://me@host',
    'https://host/?key=secret',
    'https://host/#x',
    'ftp://host',
  ])('refuse %s as the address of a provider, and do not repeat it', (address) => {
    const reader = new SettingsReader({ TIRO_BASE_URL: address });
    const { TIRO_BASE_URL: setting } = allSettings();
    if (setting !== undefined) reader.read('TIRO_BASE_URL', setting);
    expect(reader.faults).toHaveLength(1);
    expect(JSON.stringify(reader.faults)).not.toContain('secret');
  });

  test.each(['\u201cquoted\u201d', 'two words', 'a\nb', 'caf\u00e9'])(
    'refuse %j as a key, and do not repeat it',
    (key) => {
      const reader = new SettingsReader({ TIRO_API_KEY: key });
      reader.readKeys('tiro');
      expect(reader.faults.map(({ variable }) => variable)).toEqual(['TIRO_API_KEY']);
      expect(JSON.stringify(reader.faults)).not.toContain(key);
    },
  );
});
