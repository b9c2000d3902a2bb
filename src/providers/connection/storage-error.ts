import type { IncomingHttpHeaders } from 'undici/types/header.js';
import { redact } from '../../http/redact.ts';
import { readRetryAfterMs } from '../../http/retry-after.ts';
import { kindOfStatus, ProviderError, type ProviderErrorKind } from './provider-error.ts';

// The error codes of S3, Google Cloud Storage (XML and JSON) and Azure, in small letters, whatever status they come with.
const codes: Readonly<Record<string, ProviderErrorKind>> = {
  // The address is expired, spent or no longer signed well: a fresh one cures it.
  ...kinds('storage-refused', [
    ...['expiredtoken', 'accessdenied', 'invalidtoken', 'tokenrefreshrequired', 'signaturedoesnotmatch'],
    ...['requesttimetooskewed', 'requestexpired', 'expiredpresignedurlrequest', 'authenticationrequired'],
    ...['invalidaccesskeyid', 'authorizationqueryparameterserror', 'authorizationheadermalformed', 'invalidsecurity'],
    ...['nosuchupload', 'nosuchkey', 'preconditionfailed', 'authenticationfailed', 'authorizationfailure', 'expired'],
  ]),
  // Storage is busy, or the bytes did not arrive as they were sent: another try cures it.
  ...kinds('unavailable', [
    ...['requesttimeout', 'slowdown', 'serviceunavailable', 'internalerror', 'internal', 'backenderror', 'busy'],
    ...['operationaborted', 'conditionalrequestconflict', 'bandwidthlimitexceeded', 'serverbusy', 'operationtimedout'],
    // S3 says it of a new bucket until every name server knows it.
    'temporaryredirect',
    ...['baddigest', 'incompletebody', 'xamzcontentsha256mismatch', 'xamzcontentchecksummismatch', 'md5mismatch'],
  ]),
  ...kinds('rejected', ['entitytoolarge', 'entitytoosmall', 'requestbodytoolarge', 'maxmessagelengthexceeded']),
};

function kinds(kind: ProviderErrorKind, names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, kind]));
}

// Of an address to upload to these say no more than that it is of no use any longer.
const spentStatuses: readonly number[] = [401, 403, 404, 410, 412];

// Every service has words of its own for it, KMS behind S3 among them.
const isThrottling = /throttl|slow.?down|ratelimit|toomanyrequests/;

function kindOfCode(written: string): ProviderErrorKind | undefined {
  const code = written.toLowerCase().replace(/(exception|error)$/, '');
  const known = [written.toLowerCase(), code].find((each) => Object.hasOwn(codes, each));
  return known === undefined ? (isThrottling.test(code) ? 'rate-limited' : undefined) : codes[known];
}

const xmlCode = /<(?:\w+:)?Code\b[^>]*>\s*(?:<!\[CDATA\[)?\s*([\w.-]{1,80})/i;
const jsonCode = /"(?:code|reason)"\s*:\s*"([\w.-]{1,80})"/i;

/** Makes the error of an answer of storage that is no 2xx: its code tells more than its status. */
export function toStorageError(
  request: { operation: string; method: 'GET' | 'PUT' },
  { status, headers, text }: { status: number; headers: IncomingHttpHeaders; text: string },
): ProviderError {
  const named = headers['x-ms-error-code'];
  const code = xmlCode.exec(text)?.[1] ?? jsonCode.exec(text)?.[1] ?? (typeof named === 'string' ? named : undefined);
  const known = code === undefined ? undefined : kindOfCode(code);
  const isGone = request.method === 'GET' && (status === 404 || status === 410);
  const byStatus = spentStatuses.includes(status) ? 'storage-refused' : kindOfStatus(status);
  const kind = isGone ? 'not-found' : (known ?? byStatus);
  const retryAfterMs = readRetryAfterMs(headers, status === 429 || kind === 'rate-limited', Date.now());
  return new ProviderError({
    ...{ kind, operation: request.operation, status, retryAfterMs },
    words: redact(text === '' ? 'no body' : text),
    code: code === undefined ? undefined : redact(code),
    isInOwnForm: false,
  });
}
