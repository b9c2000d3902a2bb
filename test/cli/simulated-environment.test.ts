import { expect, test } from 'vitest';
import {
  devServerEnvironment,
  makeUpKeys,
  providersWithKeys,
  simulatedEnvironment,
  simulatorBaseUrls,
} from '../../src/dev/simulated-environment.ts';

const environment = {
  PATH: '/bin',
  TIRO_API_KEY: 'real.one',
  TIRO_API_KEY__ACME_FILE: '/run/secrets/acme',
  TIRO_BASE_URL: 'https://tiro.example',
  SLNG_API_KEY: 'real-two',
  SOKET_API_KEY: '',
};

test('takes worker versioning, what was learned and every real key and base URL of a simulated provider away, and no other', () => {
  const versioning = {
    PROVIDER_JOBS_DEPLOYMENT_NAME: 'jobs',
    PROVIDER_JOBS_BUILD_ID: '7',
    PROVIDER_JOBS_PRIORS: '/priors',
  };
  const variables = { TIRO_API_KEY: 'made.up' };
  expect(simulatedEnvironment({ ...versioning, ...environment }, ['tiro'], variables)).toEqual({
    PATH: '/bin',
    SLNG_API_KEY: 'real-two',
    SOKET_API_KEY: '',
    TIRO_API_KEY: 'made.up',
  });
});

test('finds the providers that have a key, whatever its alias or form', () => {
  expect(providersWithKeys({ ...environment, TIRO_API_KEY: '' })).toEqual(['tiro', 'slng']);
});

test('makes up other keys each time, in the form that Tiro wants', () => {
  expect(makeUpKeys(['tiro']).TIRO_API_KEY).toMatch(/^simulated\.[0-9a-f]{24}$/);
  expect(makeUpKeys(['tiro'])).not.toEqual(makeUpKeys(['tiro']));
});

test('gives each simulated provider its place at the simulator', () => {
  expect(simulatorBaseUrls('http://127.0.0.1:4010', ['soket', 'slng'])).toEqual({
    SOKET_BASE_URL: 'http://127.0.0.1:4010/soket/transcribe',
    SLNG_BASE_URL: 'http://127.0.0.1:4010/slng',
  });
});

test("puts a dev server in place of all of Temporal's own settings", () => {
  const given = {
    PATH: '/bin',
    TEMPORAL_TLS: 'true',
    TEMPORAL_API_KEY: 'secret',
    TEMPORAL_CLI_PATH: '/opt/temporal',
  };
  expect(devServerEnvironment(given, { address: '127.0.0.1:9', namespace: 'default' })).toEqual({
    PATH: '/bin',
    TEMPORAL_CLI_PATH: '/opt/temporal',
    TEMPORAL_ADDRESS: '127.0.0.1:9',
    TEMPORAL_NAMESPACE: 'default',
    TEMPORAL_CONFIG_FILE: expect.stringContaining('no-profiles.toml') as string,
  });
});
