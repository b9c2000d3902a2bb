import { describe, expect, it, test } from 'vitest';
import { ConfigurationError, readConfig } from '../../src/config/config.ts';
import { findRate } from '../../src/config/rates.ts';
import { allRoles } from '../../src/config/settings-reader.ts';
import { providerNames, providers } from '../../src/providers/registry.ts';

function faultsOf(environment: Record<string, string>): ConfigurationError {
  try {
    readConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return error as ConfigurationError;
  }
  throw new Error('the configuration was accepted');
}

const variablesOf = (environment: Record<string, string>) =>
  faultsOf(environment).faults.map(({ variable }) => variable);

describe('readConfig', () => {
  it('needs nothing', () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      ...{
        taskQueue: 'provider-jobs',
        timeScale: 1,
        resultsDirectory: './results',
        roles: ['workflows'],
        keyless: providerNames,
      },
      ...{ sourceRoots: undefined, allowPrivateSources: false },
      ...{ transfersPerProvider: 4, shutdownGraceMs: 75_000, healthPort: undefined, logLevel: 'info' },
    });
    for (const name of providerNames) expect(config.baseUrls[name]).toBe(providers[name].defaultBaseUrl);
  });

  it('reads the deployment version, which is off where neither of its parts is set', () => {
    const version = { PROVIDER_JOBS_DEPLOYMENT_NAME: 'provider-jobs', PROVIDER_JOBS_BUILD_ID: '1.4.0+ab12cd' };
    expect(readConfig(version).deploymentVersion).toEqual({ deploymentName: 'provider-jobs', buildId: '1.4.0+ab12cd' });
    expect(readConfig({}).deploymentVersion).toBeUndefined();
  });

  test.each([
    ['PROVIDER_JOBS_DEPLOYMENT_NAME', 'PROVIDER_JOBS_BUILD_ID'],
    ['PROVIDER_JOBS_BUILD_ID', 'PROVIDER_JOBS_DEPLOYMENT_NAME'],
  ])('misses one part of the deployment version where only %s is set', (given, missing) => {
    const error = faultsOf({ [given]: 'blue' });
    expect(error.faults.map(({ variable }) => variable)).toEqual([missing]);
    expect(error.message).toContain(given);
  });

  describe('with clocks that run faster', () => {
    const keys = { TIRO_API_KEY: 'one', SLNG_API_KEY__ACME_FILE: '/run/key', PROVIDER_JOBS_TIME_SCALE: '10' };
    const simulator = 'http://127.0.0.1:4010';
    const others = { TIRO_BASE_URL: `${simulator}/tiro`, SLNG_BASE_URL: `${simulator}/slng` };

    test.each([
      ['Tiro, SLNG', {}],
      ['SLNG', { TIRO_BASE_URL: others.TIRO_BASE_URL }],
      ['Tiro', { ...others, TIRO_BASE_URL: 'https://API.tiro.ooo.:8443/v2' }],
    ])('names the real services that it would hurry: %s', (titles, more) => {
      const { faults } = faultsOf({ ...keys, ...more, PROVIDER_JOBS_TRANSFERS: '0' });
      expect(faults.map(({ variable }) => variable)).toEqual(['PROVIDER_JOBS_TRANSFERS', 'PROVIDER_JOBS_TIME_SCALE']);
      expect(faults[1]?.problem).toContain(`the real service of ${titles} would be asked too often`);
    });

    test.each([
      others,
      { PROVIDER_JOBS_TIME_SCALE: '1' },
      { PROVIDER_JOBS_TIME_SCALE: '0.5' },
      { PROVIDER_JOBS_FORCE_TIME_SCALE: 'true' },
      { TIRO_API_KEY: '', SLNG_API_KEY__ACME_FILE: '' },
      { ...others, TIRO_BASE_URL: 'https://mirror.example/api.tiro.ooo' },
    ])('minds nothing with %j', (more) => {
      expect(() => readConfig({ ...keys, ...more })).not.toThrow();
    });
  });

  it('reads every setting', () => {
    const config = readConfig({
      PROVIDER_JOBS_TIME_SCALE: '100',
      PROVIDER_JOBS_RESULTS: '/srv/results',
      PROVIDER_JOBS_SOURCE_ROOTS: '/srv/media:/srv/talks',
      PROVIDER_JOBS_ALLOW_PRIVATE_SOURCES: 'true',
      PROVIDER_JOBS_TRANSFERS: '9',
      PROVIDER_JOBS_SHUTDOWN_GRACE: '2m',
      PROVIDER_JOBS_HEALTH_PORT: '0',
      PROVIDER_JOBS_METRICS: '127.0.0.1:9464',
      PROVIDER_JOBS_LOG_LEVEL: 'debug',
      PROVIDER_JOBS_WEB_URL: 'http://localhost:8233',
      TEMPORAL_CLI_PATH: '/usr/bin/temporal',
      TIRO_BASE_URL: 'http://127.0.0.1:9000/tiro',
    });
    expect(config).toMatchObject({
      ...{ timeScale: 100, resultsDirectory: '/srv/results', transfersPerProvider: 9, shutdownGraceMs: 120_000 },
      metrics: { kind: 'prometheus', bindAddress: '127.0.0.1:9464' },
      ...{ sourceRoots: ['/srv/media', '/srv/talks'], allowPrivateSources: true },
      ...{ healthPort: 0, logLevel: 'debug', webUrl: 'http://localhost:8233', temporalCliPath: '/usr/bin/temporal' },
    });
    expect(config.baseUrls.tiro).toBe('http://127.0.0.1:9000/tiro');
  });

  describe('rates', () => {
    it('are those published, those of a provider, or those of one of its keys', () => {
      const { rates } = readConfig({ TWELVELABS_RATE: '10/s', TIRO_RATE__ACME__EU: '1000/h', SLNG_RATE: '' });
      expect(findRate(rates, 'twelvelabs', 'any')).toEqual({ requests: 10, perMs: 1000 });
      expect(findRate(rates, 'tiro', 'acme-eu')).toEqual({ requests: 1000, perMs: 3_600_000 });
      expect(findRate(rates, 'tiro', 'default')).toEqual({ requests: 600, perMs: 60_000 });
      expect(findRate(rates, 'slng', 'default')).toBeUndefined();
    });

    it.each(['0/s', '-1/s', '10', '10 / s', '10/d', '1e3/s', '0.5/s', '99999999/s'])('refuse "%s"', (written) => {
      expect(faultsOf({ SLNG_RATE__ACME: written }).faults).toEqual([
        { variable: 'SLNG_RATE__ACME', problem: expect.stringContaining('for instance 600/m or 10/s') as string },
      ]);
    });

    it('refuse what is written as no alias is', () => {
      const keys = { SLNG_API_KEY: 'k1.canary', SLNG_API_KEY__ACME: 'k2.canary' };
      expect(faultsOf({ ...keys, SLNG_RATE__ACNE: '1/s' }).faults).toEqual([
        {
          variable: 'SLNG_RATE__ACNE',
          problem: 'there is no key SLNG_API_KEY__ACNE; there are SLNG_API_KEY, SLNG_API_KEY__ACME',
        },
      ]);
      expect(faultsOf({ SLNG_RATE__acme: '1/s' }).faults[0]?.problem).toContain('SLNG_RATE__ACME__EU for acme-eu');
    });
  });

  it('reports four wrong settings together, by name', () => {
    const error = faultsOf({
      PROVIDER_JOBS_TIME_SCALE: 'fast',
      PROVIDER_JOBS_HEALTH_PORT: '99999',
      PROVIDER_JOBS_METRICS: 'metrics.example',
      SLNG_BASE_URL: 'api.batch.slng.ai',
    });
    const ours = ['PROVIDER_JOBS_TIME_SCALE', 'PROVIDER_JOBS_HEALTH_PORT', 'PROVIDER_JOBS_METRICS'];
    const variables = [...ours, 'SLNG_BASE_URL'];
    expect(error.faults.map(({ variable }) => variable).sort()).toEqual([...variables].sort());
    expect(error.message).toMatch(/^4 settings are wrong:/);
    for (const variable of variables) expect(error.message).toContain(variable);
  });

  test.each([
    ['PROVIDER_JOBS_WEB_URL', 'https://admin:s3cret@temporal.example'],
    ['PROVIDER_JOBS_WEB_URL', 'https://temporal.example/?token=s3cret'],
    ['PROVIDER_JOBS_RESULTS', 's3://AKIAEXAMPLE:s3cret@bucket/results'],
    ['TIRO_BASE_URL', 's3cret'],
  ])('does not show a key that stands in %s', (variable, value) => {
    const { message } = faultsOf({ [variable]: value });
    expect(message).toContain(variable);
    expect(message).not.toMatch(/s3cret|AKIA/);
  });

  test.each([
    ['PROVIDER_JOBS_TIME_SCALE', ['0', '-1', 'NaN', 'Infinity', '1e9', '10 000']],
    ['PROVIDER_JOBS_RESULTS', ['s3://', 's3:results', 's3://user@results/a', 'gs://results/a', 'file:///srv/results']],
    ['PROVIDER_JOBS_SOURCE_ROOTS', ['media', '/srv/media:', '/srv/media,talks', ',', ' : ', '', '  ', '/srv/\0']],
    ['PROVIDER_JOBS_ALLOW_PRIVATE_SOURCES', ['yes', '1', 'TRUE']],
    ['PROVIDER_JOBS_FORCE_TIME_SCALE', ['yes', '1', 'TRUE']],
    ['PROVIDER_JOBS_TRANSFERS', ['0', '1.5', '-4', '10000', 'many']],
    ['PROVIDER_JOBS_SHUTDOWN_GRACE', ['soon', '-5s', '0']],
    ['PROVIDER_JOBS_HEALTH_PORT', ['65536', '-1', '80a', '8.5']],
    [
      'PROVIDER_JOBS_METRICS',
      ['9464', ':9464', 'metrics.example:9464', '127.0.0.1:99999', '::1:9464', 'ftp://host:4317'],
    ],
    ['PROVIDER_JOBS_LOG_LEVEL', ['loud', 'INFO']],
    ['PROVIDER_JOBS_WEB_URL', ['localhost:8233', 'ftp://a.example']],
    ['TIRO_BASE_URL', ['api.tiro.ooo', 'file:///tmp', 'https//api']],
  ])('refuses for %s: %j', (variable, values) => {
    for (const value of values) expect(variablesOf({ [variable]: value }), value).toEqual([variable]);
  });

  test.each([
    'PROVIDER_JOBS_TIME_SCALE',
    'PROVIDER_JOBS_WEB_URL',
    'TIRO_BASE_URL',
    'TIRO_API_KEY',
    'TIRO_API_KEY_FILE',
  ])('takes an empty %s for one that is not set', (variable) => {
    expect(readConfig({ [variable]: '' })).toEqual(readConfig({}));
    expect(readConfig({ [variable]: '  ' })).toEqual(readConfig({}));
  });

  it('names a setting of ours that does not exist', () => {
    const error = faultsOf({ PROVIDER_JOBS_TIMESCALE: '100' });
    expect(error.faults).toHaveLength(1);
    expect(error.message).toContain('PROVIDER_JOBS_TIMESCALE');
    expect(error.message).toContain('PROVIDER_JOBS_TIME_SCALE');
  });

  it('does not mind variables of others', () => {
    expect(() => readConfig({ PATH: '/bin', TEMPORAL_ADDRESS: 'x:7233', TIRO_COLOUR: 'red' })).not.toThrow();
  });
});

describe('the keys', () => {
  it('come from values and files, by alias', () => {
    const { credentials, keyless } = readConfig({
      TIRO_API_KEY: 'one',
      TIRO_API_KEY__ACME: 'two',
      TIRO_API_KEY__ACME_EU_FILE: '/run/secrets/eu',
      SLNG_API_KEY_FILE: '/run/secrets/slng',
    });
    expect(Object.fromEntries(credentials.tiro)).toEqual({
      default: { kind: 'value', value: 'one' },
      acme: { kind: 'value', value: 'two' },
      acme_eu: { kind: 'file', path: '/run/secrets/eu' },
    });
    expect(Object.fromEntries(credentials.slng)).toEqual({ default: { kind: 'file', path: '/run/secrets/slng' } });
    expect(keyless).toEqual(['soket', 'twelvelabs']);
  });

  it('are needed for no role where they come from elsewhere', () => {
    const elsewhere = { keysElsewhere: true };
    expect(readConfig({}, elsewhere)).toMatchObject({ keyless: [], keysElsewhere: true, roles: allRoles });
    const roles = 'slng,tiro-transfer';
    expect(readConfig({ PROVIDER_JOBS_ROLES: roles }, elsewhere).roles).toEqual(['tiro-transfer', 'slng']);
    const hurried = () => readConfig({ PROVIDER_JOBS_TIME_SCALE: '100' }, elsewhere);
    expect(hurried).toThrow('the real service of');
    const rated = { TIRO_API_KEY: 'one', TIRO_RATE__ACME: '10/s' };
    expect([...readConfig(rated, elsewhere).rates.tiro.keys()]).toEqual(['acme']);
  });

  test.each([
    ['TIRO_API_KEY', 'TIRO_API_KEY_FILE'],
    ['TIRO_API_KEY__ACME', 'TIRO_API_KEY__ACME_FILE'],
    ['TIRO_API_KEY__ACME__EU', 'TIRO_API_KEY__ACME__EU_FILE'],
    ['TIRO_API_KEY', 'TIRO_API_KEY__DEFAULT'],
  ])('may not be given by both %s and %s', (value, file) => {
    const error = faultsOf({ [value]: 'canary-key', [file]: '/run/secrets/key' });
    expect(error.faults.map(({ variable }) => variable)).toEqual([file]);
    expect(error.message).toContain(value);
    expect(error.message).not.toContain('canary-key');
  });

  test.each([
    'TIRO_API_KEY__',
    'TIRO_API_KEY__FILE',
    'TIRO_API_KEY__ACME__FILE',
    'TIRO_API_KEY__ACME_FILE_FILE',
    'TIRO_API_KEY__ACME_',
    'TIRO_API_KEY__ACME___EU',
    'TIRO_API_KEY__acme',
    'TIRO_API_KEY__1',
    'TIRO_API_KEY__A___B',
    'TIRO_API_KEY__DEFAULT',
  ])('are not passed over where no alias is written so: %s', (variable) => {
    const error = faultsOf({ [variable]: 'canary-key' });
    expect(error.faults.map((fault) => fault.variable)).toEqual([variable]);
    expect(error.message).toContain('TIRO_API_KEY__ACME__EU for acme-eu');
    expect(error.message).not.toContain('canary-key');
  });

  it('may be given by an empty value and a file', () => {
    const { credentials } = readConfig({ TIRO_API_KEY: '', TIRO_API_KEY_FILE: '/run/secrets/key' });
    expect(credentials.tiro.get('default')).toEqual({ kind: 'file', path: '/run/secrets/key' });
  });

  it('never show in an error', () => {
    const error = faultsOf({
      TIRO_API_KEY: 'canary-key',
      TIRO_API_KEY__ACME: 'canary-key',
      TIRO_API_KEY_FILE: 'canary-path',
      PROVIDER_JOBS_ROLES: 'nothing',
      PROVIDER_JOBS_API_KEY: 'canary-key',
    });
    expect(error.faults.length).toBeGreaterThanOrEqual(3);
    expect(`${error.stack ?? ''}${JSON.stringify(error)}`).not.toContain('canary-key');
  });

  it('never show where a key was put in the place of an address', () => {
    const error = faultsOf({ TIRO_BASE_URL: 'tiro_canary-key' });
    expect(error.message).toContain('TIRO_BASE_URL');
    expect(error.message).not.toContain('canary-key');
    expect(faultsOf({ TIRO_BASE_URL: 'ftp://me:canary-key@host' }).message).not.toContain('canary-key');
  });
});

describe('the roles', () => {
  const keys = { TIRO_API_KEY: 'a', SLNG_API_KEY__ACME: 'b' };

  it('are all that have a key', () => {
    const all = ['workflows', 'tiro', 'tiro-transfer', 'slng', 'slng-transfer'];
    expect(readConfig(keys).roles).toEqual(all);
    expect(readConfig({ ...keys, PROVIDER_JOBS_ROLES: 'all' }).roles).toEqual(all);
  });

  test.each([
    ['tiro', ['tiro']],
    ['workflows, tiro-transfer', ['workflows', 'tiro-transfer']],
    ['slng,workflows,slng', ['workflows', 'slng']],
  ])('are %s when asked for', (written, roles) => {
    expect(readConfig({ ...keys, PROVIDER_JOBS_ROLES: written }).roles).toEqual(roles);
  });

  test.each(['nobody', 'tiro,nobody', 'Tiro', 'all,tiro', 'tiro-transfers', ',', 'constructor'])(
    'are refused where one is unknown: %s',
    (written) => {
      const error = faultsOf({ ...keys, PROVIDER_JOBS_ROLES: written });
      expect(error.faults.map(({ variable }) => variable)).toEqual(['PROVIDER_JOBS_ROLES']);
      expect(error.message).toContain('twelvelabs-transfer');
    },
  );

  test.each(['soket', 'soket-transfer', 'workflows,soket'])('are refused without a key: %s', (written) => {
    expect(variablesOf({ ...keys, PROVIDER_JOBS_ROLES: written })).toEqual(['SOKET_API_KEY']);
  });
});

describe('the forward proxies', () => {
  it.each([
    [
      { HTTPS_PROXY: 'http://proxy.example:3128', NO_PROXY: 'a.example' },
      undefined,
      'http://proxy.example:3128/',
      'a.example',
    ],
    [
      { https_proxy: 'proxy.example:3128', http_proxy: 'http://other.example' },
      'http://other.example/',
      'http://proxy.example:3128/',
      '',
    ],
    [{ http_proxy: '', HTTP_PROXY: 'http://proxy.example', no_proxy: '*' }, 'http://proxy.example/', undefined, '*'],
    [{}, undefined, undefined, ''],
  ])('are read from the variables of other programs: %j', (environment, http, https, except) => {
    expect(readConfig(environment).proxies).toEqual({ http, https, except });
  });

  it('are refused, without being shown, where they are none', () => {
    const error = faultsOf({
      HTTP_PROXY: 'socks5://me:secret@proxy.example',
      https_proxy: 'http://u:secret%@proxy',
      NO_PROXY: 'x',
    });
    expect(error.faults.map(({ variable }) => variable)).toEqual(['HTTP_PROXY', 'https_proxy']);
    expect(error.message).toContain('http://proxy.example:3128');
    expect(error.message).not.toContain('secret');
  });
});
