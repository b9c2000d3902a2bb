import { cannot, fails, type FaultRow, justInTime, type Strike, succeeds } from './fault-row.ts';

// Refusals repeat the key and the last signed address, which nothing of ours may.
const status = (code: number, times: number | null): Strike => ({
  fault: (target) => ({ kind: 'echo', ...target, status: code, times }),
});
const limited = (retryAfter: { form: 'seconds' | 'date'; seconds: number } | undefined): Strike => ({
  fault: (target) => ({ kind: 'status', ...target, status: 429, ...(retryAfter ? { retryAfter } : {}) }),
});
const body = (text: string): Strike => ({ fault: (target) => ({ kind: 'body', ...target, body: text }) });
const wire = (kind: Extract<Strike, { wire: unknown }>['wire'], times: number): Strike => ({ wire: kind, times });

// An id may come as a number; these are none.
const wrongTypes = JSON.stringify({
  ...{ id: {}, _id: [], job_id: true, upload_id: {}, batch_id: [], batch_upload_id: false, asset_id: {} },
  ...{ status: {}, chunk_size: 'x', uploadUri: {}, files: 'none', outputs: 'none', data: 'none' },
  ...{ upload_urls: 'none', uploaded_chunks: 'none', total_completed: 'none', processed_chunks: 'none' },
  ...{ text: {}, summary: [], url: {} },
});

const always = { api: succeeds, storage: succeeds };
const rejected = { api: fails('RequestRejected'), storage: fails('RequestRejected') };
const refused = { api: fails('CredentialRejected'), storage: fails('ProviderUnavailable') };
const signed = `https://elsewhere.invalid/take-it?X-Amz-Signature=${'5ec2e7'.repeat(10)}`;

/** Every fault, in the order of the document. */
export const faultRows: readonly FaultRow[] = [
  { id: '400', title: '400', strike: status(400, null), ...rejected },
  { id: '401-once', title: '401 once', strike: status(401, 1), ...always },
  { id: '401', title: '401 for good', strike: status(401, null), ...refused, deadlineMs: 12_000 },
  { id: '403', title: '403 for good', strike: status(403, null), ...refused, deadlineMs: 12_000 },
  {
    id: 'expired-url',
    title: '403 from storage once: the URL is spent or expired',
    strike: status(403, 1),
    api: cannot('no presigned URL is used at this stage'),
    storage: succeeds,
  },
  { id: '404-once', title: '404 once', strike: status(404, 1), ...always },
  {
    id: '404',
    title: '404 for good',
    strike: status(404, null),
    api: fails('JobNotFound'),
    storage: fails('ProviderUnavailable'),
  },
  { id: '409', title: '409 once', strike: status(409, 1), ...always },
  { id: '413', title: '413', strike: status(413, null), ...rejected },
  { id: '429-seconds', title: '429, Retry-After: 1', strike: limited({ form: 'seconds', seconds: 1 }), ...always },
  { id: '429-date', title: '429, Retry-After: a date', strike: limited({ form: 'date', seconds: 1 }), ...always },
  { id: '429', title: '429 without Retry-After', strike: limited(undefined), ...always },
  {
    id: '429-absurd',
    title: '429, Retry-After: three years',
    strike: limited({ form: 'seconds', seconds: 100_000_000 }),
    api: justInTime,
    storage: justInTime,
    deadlineMs: 6000,
  },
  { id: '500', title: '500 once', strike: status(500, 1), ...always },
  { id: '502', title: '502 once', strike: status(502, 1), ...always },
  { id: '503', title: '503 for minutes', strike: status(503, 8), ...always },
  { id: 'empty', title: 'an empty body', strike: body(''), ...always },
  { id: 'truncated', title: 'a body cut off in the middle', strike: body('{"id":"17","status":"COMP'), ...always },
  {
    id: 'not-json',
    title: 'a body that is not JSON',
    strike: body('<html><h1>Welcome</h1></html>'),
    ...always,
  },
  { id: 'wrong-types', title: 'a body whose fields have the wrong types', strike: body(wrongTypes), ...always },
  { id: 'huge', title: 'a body that claims 10 GB', strike: wire('huge', 1), ...always },
  { id: 'error-200', title: '`{ "error": … }` with 200', strike: body('{"error":"try again later"}'), ...always },
  { id: 'refused', title: 'connection refused', strike: wire('refused', 2), ...always },
  {
    id: 'reset',
    title: 'connection reset before the request was taken',
    strike: { fault: (target) => ({ kind: 'cut', ...target }) },
    ...always,
  },
  {
    id: 'reset-after',
    title: 'connection reset after the request was taken',
    strike: { fault: (target) => ({ kind: 'cut-after', ...target }) },
    ...always,
  },
  {
    id: 'drip',
    title: 'an answer that drips',
    strike: { fault: (target) => ({ kind: 'drip', ...target, delayMs: 20, chunkSizeBytes: 64 }) },
    ...always,
  },
  { id: 'dns', title: 'a name that does not resolve', strike: wire('no-such-name', 2), ...always },
  { id: 'tls', title: 'a certificate that is not trusted', strike: wire('not-trusted', 2), ...always },
  {
    id: 'redirect',
    title: 'redirect to another host',
    strike: { fault: (target) => ({ kind: 'redirect', ...target, location: signed }) },
    ...rejected,
  },
  {
    id: 'lost',
    title: 'answer lost after the commit (504 from a gateway)',
    strike: { fault: (target) => ({ kind: 'body', ...target, status: 504, body: 'gateway time-out' }) },
    ...always,
  },
  { id: 'ahead', title: "the provider's clock is an hour ahead", strike: wire('clock-ahead', Infinity), ...always },
  { id: 'behind', title: "the provider's clock is an hour behind", strike: wire('clock-behind', Infinity), ...always },
];
