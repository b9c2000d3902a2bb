import { describe, expect, it, test } from 'vitest';
import { describeNetworkError, wasNeverSent } from '../../src/http/network-error.ts';

const withCode = (code: string, message = 'gone', cause?: unknown) =>
  Object.assign(new Error(message, cause === undefined ? {} : { cause }), { code });

describe('wasNeverSent', () => {
  test.each([
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'UND_ERR_CONNECT_TIMEOUT',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ])('is sure of %s', (code) => {
    expect(wasNeverSent(withCode(code))).toBe(true);
  });

  test.each([
    withCode('ECONNRESET'),
    withCode('UND_ERR_SOCKET'),
    withCode('UND_ERR_HEADERS_TIMEOUT'),
    new Error('no'),
    'no',
  ])('is not sure of %s', (error) => {
    expect(wasNeverSent(error)).toBe(false);
  });
});

describe('describeNetworkError', () => {
  it('names the codes and the causes underneath', () => {
    const error = withCode('UND_ERR_SOCKET', 'other side closed', withCode('ECONNRESET', 'read ECONNRESET'));
    expect(describeNetworkError(error)).toBe('UND_ERR_SOCKET: other side closed; ECONNRESET: read ECONNRESET');
  });

  it('ends although an error is its own cause, and takes secrets out', () => {
    const error = new Error('failed at https://b.example/k?sig=SECRET');
    error.cause = error;
    expect(describeNetworkError(error)).not.toContain('SECRET');
    expect(describeNetworkError('cut')).toBe('cut');
  });
});
