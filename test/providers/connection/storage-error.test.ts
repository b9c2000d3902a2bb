import { describe, expect, it, test } from 'vitest';
import { toStorageError } from '../../../src/providers/connection/storage-error.ts';

const xml = (code: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>said so</Message><RequestId>1</RequestId></Error>`;
const of = (status: number, text: string, headers: Record<string, string> = {}) =>
  toStorageError({ operation: 'upload chunk 3', method: 'PUT' }, { status, headers, text });

describe('an answer of storage', () => {
  test.each<[number, string, string]>([
    [400, 'ExpiredToken', 'storage-refused'],
    [400, 'InvalidToken', 'storage-refused'],
    [400, 'TokenRefreshRequired', 'storage-refused'],
    [400, 'AuthorizationQueryParametersError', 'storage-refused'],
    [403, 'AccessDenied', 'storage-refused'],
    [403, 'SignatureDoesNotMatch', 'storage-refused'],
    [403, 'RequestTimeTooSkewed', 'storage-refused'],
    [403, 'AuthenticationFailed', 'storage-refused'],
    [404, 'NoSuchUpload', 'storage-refused'],
    [404, 'NoSuchKey', 'storage-refused'],
    [412, 'PreconditionFailed', 'storage-refused'],
    [400, 'RequestTimeout', 'unavailable'],
    [400, 'IncompleteBody', 'unavailable'],
    [400, 'BadDigest', 'unavailable'],
    [400, 'Md5Mismatch', 'unavailable'],
    [409, 'OperationAborted', 'unavailable'],
    [503, 'SlowDown', 'unavailable'],
    [307, 'TemporaryRedirect', 'unavailable'],
    [500, 'InternalError', 'unavailable'],
    [403, 'userRateLimitExceeded', 'rate-limited'],
    [400, 'ThrottlingException', 'rate-limited'],
    [400, 'KMS.ThrottlingException', 'rate-limited'],
    [400, 'RequestThrottled', 'rate-limited'],
    [400, 'ExpiredTokenException', 'storage-refused'],
    [400, 'EntityTooLarge', 'rejected'],
    [400, 'EntityTooSmall', 'rejected'],
    [400, 'InvalidArgument', 'rejected'],
    [400, 'constructor', 'rejected'],
    [405, 'MethodNotAllowed', 'rejected'],
    [411, 'MissingContentLength', 'rejected'],
    [413, 'RequestBodyTooLarge', 'rejected'],
  ])('%i %s is %s', (status, code, kind) => {
    expect(of(status, xml(code))).toMatchObject({ kind, status, code });
    expect(of(status, xml(code.toUpperCase())).kind).toBe(kind);
  });

  test.each<[number, string]>([
    [400, 'rejected'],
    [401, 'storage-refused'],
    [403, 'storage-refused'],
    [404, 'storage-refused'],
    [410, 'storage-refused'],
    [429, 'rate-limited'],
    [307, 'rejected'],
    [502, 'unavailable'],
  ])('%i without a code that anybody knows is %s', (status, kind) => {
    for (const text of ['', '<html>no</html>', xml('Unheard-Of'), '{"error":{"code":7}}']) {
      expect(of(status, text).kind).toBe(kind);
    }
  });

  test.each([
    ['with a namespace', '<e:Error xmlns:e="http://x"><e:Code e:a="1">ExpiredToken</e:Code></e:Error>'],
    ['in CDATA', '<Error><Code><![CDATA[ExpiredToken]]></Code></Error>'],
    ['over several lines', '<Error>\n  <Code>\n    ExpiredToken\n  </Code>\n</Error>'],
    ['in JSON', '{"error":{"code":400,"message":"x","errors":[{"domain":"global","reason":"ExpiredToken"}]}}'],
    ['in JSON as the code', '{ "code" : "ExpiredToken", "message": "x" }'],
    ['of XML that is cut', '<Error><Code>ExpiredToken</Code><Mess'],
  ])('tells its code %s', (_how, text) => {
    expect(of(400, text)).toMatchObject({ kind: 'storage-refused', code: 'ExpiredToken' });
  });

  it('tells that a result is gone where that was to be downloaded', () => {
    const download = { operation: 'download', method: 'GET' } as const;
    expect(toStorageError(download, { status: 404, headers: {}, text: xml('NoSuchKey') }).kind).toBe('not-found');
    expect(toStorageError(download, { status: 403, headers: {}, text: xml('AccessDenied') }).kind).toBe(
      'storage-refused',
    );
  });

  it('tells its code in a header where it has no body', () => {
    expect(of(400, '', { 'x-ms-error-code': 'OperationTimedOut' }).kind).toBe('unavailable');
  });

  it('tells how long to wait, and keeps the signature that it repeats out of the words', () => {
    const text = xml('SlowDown').replace('</Error>', '<SignatureProvided>SECRET</SignatureProvided></Error>');
    const error = of(503, text, { 'retry-after': '4' });
    expect(error).toMatchObject({ retryAfterMs: 4000 });
    expect(error.message).toContain('SlowDown');
    expect(error.message).not.toContain('SECRET');
  });
});
