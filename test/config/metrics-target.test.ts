import { describe, expect, it, test } from 'vitest';
import { ConfigurationError, readConfig } from '../../src/config/config.ts';

describe('where metrics go', () => {
  test.each([
    ['0.0.0.0:9464', { kind: 'prometheus', bindAddress: '0.0.0.0:9464' }],
    ['localhost:9464', { kind: 'prometheus', bindAddress: '127.0.0.1:9464' }],
    ['[::1]:9464', { kind: 'prometheus', bindAddress: '[::1]:9464' }],
    ['grpc://collector:4317', { kind: 'otlp', url: 'grpc://collector:4317', http: false }],
    ['grpcs://collector:4317', { kind: 'otlp', url: 'grpcs://collector:4317', http: false }],
    ['http://collector:4318', { kind: 'otlp', url: 'http://collector:4318/v1/metrics', http: true }],
    ['https://collector/otlp/v1/metrics', { kind: 'otlp', url: 'https://collector/otlp/v1/metrics', http: true }],
  ])('is read from %s', (written, target) => {
    expect(readConfig({ PROVIDER_JOBS_METRICS: written }).metrics).toEqual(target);
  });

  it('is nowhere unless it is said', () => {
    expect(readConfig({}).metrics).toBeUndefined();
  });

  test.each(['http://me:secret@collector:4318', 'https://collector/?key=secret', 'secret'])(
    'is not read from %s, which is not repeated',
    (written) => {
      const read = () => readConfig({ PROVIDER_JOBS_METRICS: written });
      expect(read).toThrow(ConfigurationError);
      expect(read).toThrow('PROVIDER_JOBS_METRICS');
      expect(read).not.toThrow('secret');
    },
  );
});
