import { fails, justInTime, leaves, storesAsItCame, succeeds } from './fault-row.ts';
import { type Course, each } from './stage.ts';

// Answers that came after the provider had done what it was asked.
const lostAnswers = 'empty truncated not-json wrong-types error-200 reset-after lost';

const tiro: Course = {
  provider: 'tiro',
  workflowType: 'tiroTranscription',
  jobs: 1,
  stages: [
    {
      ...{ title: 'create', operation: 'tiro.create', method: 'POST', path: /\/jobs$/, jobsBefore: 0 },
      own: each(lostAnswers, leaves(1)),
    },
    {
      ...{ title: 'upload', operation: 'tiro.storage-put', method: 'PUT', path: /^\/storage\// },
      ...{ storage: true, jobsBefore: 1 },
      // Tiro gives an address only with a new job.
      own: {
        ...each(
          '401-once expired-url 404-once 429-seconds 429-date 429 500 502 huge reset reset-after lost',
          leaves(1),
        ),
        ...each('refused dns tls', leaves(2)),
        '503': leaves(8),
        ...each('401 403', fails('ProviderUnavailable', 4)),
        '404': fails('JobNotFound', 2),
      },
    },
    {
      ...{
        title: 'complete',
        operation: 'tiro.upload-complete',
        method: 'PUT',
        path: /upload-complete$/,
        jobsBefore: 1,
      },
    },
    {
      ...{ title: 'wait', operation: 'tiro.status', method: 'GET', path: /\/jobs\/[^/]+$/, jobsBefore: 1 },
      own: { '429-absurd': justInTime },
    },
    { title: 'collect', operation: 'tiro.transcript', method: 'GET', path: /\/transcript$/, jobsBefore: 1 },
  ],
};

const slng: Course = {
  provider: 'slng',
  workflowType: 'slngTranscription',
  jobs: 1,
  stages: [
    { title: 'presign', operation: 'slng.presign', method: 'POST', path: /\/jobs$/, jobsBefore: 0 },
    {
      ...{ title: 'upload', operation: 'slng.storage-put', method: 'PUT', path: /^\/storage\// },
      ...{ storage: true, jobsBefore: 0 },
    },
    {
      ...{ title: 'create', operation: 'slng.create', method: 'POST', path: /\/jobs$/, skipOnWire: 1, jobsBefore: 0 },
    },
    {
      ...{ title: 'wait', operation: 'slng.status', method: 'GET', path: /\/jobs\/[^/]+$/, jobsBefore: 1 },
      own: { '429-absurd': justInTime },
    },
    { title: 'list results', operation: 'slng.files', method: 'GET', path: /\/files$/, jobsBefore: 1 },
    {
      ...{ title: 'collect', operation: 'slng.storage-get', method: 'GET', path: /^\/storage\// },
      ...{ storage: true, jobsBefore: 1 },
      own: each('empty truncated not-json wrong-types error-200', storesAsItCame),
    },
  ],
};

const soket: Course = {
  provider: 'soket',
  workflowType: 'soketTranscription',
  options: { speech_information: true, chunks: true },
  jobs: 2,
  stages: [
    { title: 'upload', operation: 'soket.upload', method: 'POST', path: /\/files\/upload$/, jobsBefore: 0 },
    {
      ...{ title: 'wait for the upload', operation: 'soket.upload-status', method: 'GET', path: /\/files\/upload\// },
      ...{ jobsBefore: 1, own: { '429-absurd': justInTime } },
    },
    {
      ...{ title: 'submit', operation: 'soket.submit', method: 'POST', path: /\/batch$/, jobsBefore: 1 },
      own: { ...each('500 502 503 huge reset', fails('SubmitUnconfirmed')), '409': succeeds },
    },
    {
      ...{ title: 'wait', operation: 'soket.batch-status', method: 'GET', path: /\/status\/batch\//, jobsBefore: 2 },
      own: { '429-absurd': justInTime },
    },
    { title: 'collect', operation: 'soket.batch-results', method: 'GET', path: /\/results\/batch\//, jobsBefore: 2 },
  ],
};

const session = /\/multipart-uploads\/[^/]+$/;
const asset = /\/assets\/(?!multipart-uploads$)[^/]+$/;

const twelvelabs: Course = {
  provider: 'twelvelabs',
  workflowType: 'twelvelabsUpload',
  jobs: 1,
  stages: [
    { title: 'create', operation: 'twelvelabs.create-session', method: 'POST', path: /-uploads$/, jobsBefore: 0 },
    { title: 'list chunks', operation: 'twelvelabs.session-status', method: 'GET', path: session, jobsBefore: 1 },
    { title: 'ask for URLs', operation: 'twelvelabs.presigned-urls', method: 'POST', path: /-urls$/, jobsBefore: 1 },
    {
      ...{ title: 'upload', operation: 'twelvelabs.part-put', method: 'PUT', path: /^\/storage\// },
      ...{ storage: true, jobsBefore: 1 },
      // What storage says to a chunk is that chunk's failure: it goes again in the next wave, eight times at most.
      own: {
        ...each('400 401 403 404 413', fails('UploadFailed')),
        ...each('409 redirect', succeeds),
        '429-absurd': justInTime,
      },
    },
    { title: 'report', operation: 'twelvelabs.report', method: 'POST', path: session, jobsBefore: 1 },
    {
      ...{ title: 'wait for the session', operation: 'twelvelabs.session-status', method: 'GET', path: session },
      ...{ skip: 2, skipOnWire: 2, jobsBefore: 1, own: { '429-absurd': justInTime } },
    },
    {
      ...{ title: 'wait', operation: 'twelvelabs.asset-status', method: 'GET', path: asset, jobsBefore: 1 },
      own: { '429-absurd': justInTime },
    },
    {
      ...{ title: 'collect', operation: 'twelvelabs.asset-status', method: 'GET', path: asset },
      ...{ skip: 1, skipOnWire: 1, jobsBefore: 1 },
    },
  ],
};

/** The four lifecycles, in the order of the document. */
export const courses = { soket, twelvelabs, tiro, slng };
