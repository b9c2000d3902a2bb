import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { temporalCliVersion } from '../../src/dev/temporal-binary.ts';
import { searchAttributeKeys } from '../../src/contract/search-attributes.ts';

const compose = await readFile(new URL('../../docker-compose.yml', import.meta.url), 'utf8');

test('the composed Temporal server is the release that the command line starts', () => {
  expect(compose).toContain(`image: temporalio/temporal:${temporalCliVersion.slice(1)}\n`);
});

test('the composed Temporal server knows every search attribute', () => {
  const registered = [...compose.matchAll(/--search-attribute=(\w+)=Keyword/g)].map(([, name]) => name);
  expect(registered).toEqual(searchAttributeKeys.map(({ name }) => name));
});

test('the composed Temporal server has fairness on', () => {
  expect(compose).toContain('--dynamic-config-value=matching.enableFairness=true');
});
