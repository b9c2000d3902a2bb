import { describe, expect, it, test } from 'vitest';
import { providerNames } from '../../src/providers/registry.ts';
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
});
