import { ForwardProxyError } from '../http/proxy-client.ts';

/** Why S3 did not do what it was asked to. */
export interface S3Fault {
  /** Its word, such as `AccessDenied`, or that of the network, such as `ECONNREFUSED`. */
  code: string;
  /** Null where there was no answer. */
  status: number | null;
  /** What to do. */
  advice: string;
  /** Whether it may pass by itself. */
  passes: boolean;
}

const wrongKeys =
  'AWS does not take the credentials of this process; correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE';
const noAccess =
  'the AWS credentials of this process do not allow it; grant s3:GetObject, s3:PutObject and s3:ListBucket as needed';
const elsewhere = 'the bucket is in another region; set AWS_REGION to it';
const noBucket = 'there is no such bucket; check its name, AWS_ENDPOINT_URL and the account';
const noKey = 'there is no such object; check the key';

// By the word that S3 answers with; `passes` where waiting may help, also for an operator who mends it meanwhile.
const known: Readonly<Record<string, { advice: string; passes?: boolean }>> = {
  NoSuchBucket: { advice: noBucket },
  NoSuchKey: { advice: noKey },
  NotFound: { advice: noKey },
  AccessDenied: { advice: noAccess },
  AllAccessDisabled: { advice: noAccess },
  AccountProblem: { advice: noAccess },
  InvalidAccessKeyId: { advice: wrongKeys },
  SignatureDoesNotMatch: { advice: wrongKeys },
  InvalidToken: { advice: wrongKeys },
  ExpiredToken: { advice: 'the AWS credentials of this process have expired; give it fresh ones', passes: true },
  TokenRefreshRequired: {
    advice: 'the AWS credentials of this process have expired; give it fresh ones',
    passes: true,
  },
  RequestTimeTooSkewed: { advice: 'the clock of this machine is wrong; set it', passes: true },
  CredentialsProviderError: {
    advice:
      'there are no AWS credentials for this process; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or give its machine a role',
  },
  PermanentRedirect: { advice: elsewhere },
  AuthorizationHeaderMalformed: { advice: elsewhere },
  IllegalLocationConstraintException: { advice: elsewhere },
  InvalidBucketName: { advice: noBucket },
  InvalidObjectState: { advice: 'it is archived; restore it first' },
  ERR_INVALID_URL: { advice: 'AWS_ENDPOINT_URL is not an address; write https://host' },
  // An upload that the bucket's clean-up took away; the next attempt begins anew.
  NoSuchUpload: { advice: 'the upload was aborted by somebody else; try again', passes: true },
  RequestTimeout: { advice: 'try again later', passes: true },
  SlowDown: { advice: 'try again later', passes: true },
  EntityTooLarge: { advice: 'it is larger than the store takes' },
  QuotaExceeded: { advice: 'the store is full; make room', passes: true },
  XAmzContentSHA256Mismatch: { advice: 'it was damaged on the way; try again', passes: true },
  BadDigest: { advice: 'it was damaged on the way; try again', passes: true },
};

// Words of the SDK's own where the answer had none.
const wordless = /^(\d*|Error|Unknown|UnknownError|Forbidden|S3ServiceException)$/;
const byStatus: Readonly<Record<number, string>> = { 403: noAccess, 404: noKey, 301: elsewhere, 307: elsewhere };

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

interface Told {
  name?: unknown;
  code?: unknown;
  Code?: unknown;
  $metadata?: { httpStatusCode?: unknown };
}

function findProxyError(error: unknown): ForwardProxyError | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ForwardProxyError) return cause;
  }
  return null;
}

/** What an error of the AWS SDK means. */
export function readS3Fault(error: unknown): S3Fault {
  const proxy = findProxyError(error);
  if (proxy !== null) return { code: proxy.code, status: null, advice: proxy.message, passes: true };
  const { name, code, Code, $metadata } = (typeof error === 'object' && error !== null ? error : {}) as Told;
  const status = typeof $metadata?.httpStatusCode === 'number' ? $metadata.httpStatusCode : null;
  const words = [textOf(Code), textOf(code), textOf(name)].filter((word) => word !== null);
  const word =
    words.find((each) => !wordless.test(each)) ?? (status === null ? 'no answer' : `status ${String(status)}`);
  const entry = words.map((each) => (Object.hasOwn(known, each) ? known[each] : undefined)).find(Boolean);
  const isOutage = status === null || status < 300 || status >= 500 || [408, 425, 429].includes(status);
  return {
    code: word,
    status,
    advice:
      entry?.advice ??
      (status === null ? undefined : byStatus[status]) ??
      (isOutage ? 'check that S3 (AWS_ENDPOINT_URL) is up and reachable from this machine' : 'check the request'),
    passes: entry === undefined ? isOutage : (entry.passes ?? false),
  };
}

/** Whether an error says that there is no such object, and not that it cannot be told: a bucket is there, and S3 answers. */
export function isAbsent(error: unknown): boolean {
  return ['NoSuchKey', 'NotFound'].includes(readS3Fault(error).code);
}
