import { cannot, fails, justInTime, leaves, outlasts, storesAsItCame, succeeds } from './fault-row.ts';
import { type Course, each } from './stage.ts';

// Answers that came after the provider had done what it was asked.
const lostAnswers = 'empty truncated not-json wrong-types error-200 reset-after lost';

// Results are tried for a day, also past the deadline.
const collects = {
  ...each('401 403', outlasts),
  '429-absurd': cannot(
    'the next try would come when nine tenths of the day for results are over, and no test waits so long',
  ),
};

// Storage that says yes is believed: it is the provider that finds nothing there.
const isBelieved = fails('RequestRejected');

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
        ...each('401-once expired-url 404-once 409', leaves(1)),
        ...each('401 403 404', { ...fails('ProviderUnavailable', 8), orFewer: true }),
        '429-absurd': { ...justInTime, orphans: 1, orFewer: true },
        huge: isBelieved,
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
    },
    {
      ...{ title: 'collect', operation: 'tiro.transcript', method: 'GET', path: /\/transcript$/, jobsBefore: 1 },
      own: collects,
    },
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
      ...{ storage: true, jobsBefore: 0, own: { huge: isBelieved } },
    },
    {
      ...{ title: 'create', operation: 'slng.create', method: 'POST', path: /\/jobs$/, skipOnWire: 1, jobsBefore: 0 },
    },
    {
      ...{ title: 'wait', operation: 'slng.status', method: 'GET', path: /\/jobs\/[^/]+$/, jobsBefore: 1 },
    },
    {
      ...{ title: 'list results', operation: 'slng.files', method: 'GET', path: /\/files$/, jobsBefore: 1 },
      own: collects,
    },
    {
      ...{ title: 'collect', operation: 'slng.storage-get', method: 'GET', path: /^\/storage\// },
      ...{ storage: true, jobsBefore: 1 },
      own: {
        ...each('empty truncated not-json wrong-types error-200', storesAsItCame),
        redirect: succeeds,
        '404': fails('JobNotFound'),
        '429-absurd': collects['429-absurd'],
      },
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
      ...{ jobsBefore: 1 },
    },
    {
      ...{ title: 'submit', operation: 'soket.submit', method: 'POST', path: /\/batch$/, jobsBefore: 1 },
      own: each('500 502 503 huge reset', fails('SubmitUnconfirmed')),
    },
    {
      ...{ title: 'wait', operation: 'soket.batch-status', method: 'GET', path: /\/status\/batch\//, jobsBefore: 2 },
    },
    {
      ...{
        title: 'collect',
        operation: 'soket.batch-results',
        method: 'GET',
        path: /\/results\/batch\//,
        jobsBefore: 2,
      },
      own: collects,
    },
  ],
};

const session = /\/multipart-uploads\/[^/]+$/;
const asset = /\/assets\/(?!multipart-uploads$)[^/]+$/;

const twelvelabs: Course = {
  provider: 'twelvelabs',
  workflowType: 'twelvelabsUpload',
  jobs: 1,
  stages: [
    {
      ...{ title: 'create', operation: 'twelvelabs.create-session', method: 'POST', path: /-uploads$/, jobsBefore: 0 },
      // An empty session, which expires.
      own: each(lostAnswers, leaves(1)),
    },
    { title: 'list chunks', operation: 'twelvelabs.session-status', method: 'GET', path: session, jobsBefore: 1 },
    { title: 'ask for URLs', operation: 'twelvelabs.presigned-urls', method: 'POST', path: /-urls$/, jobsBefore: 1 },
    {
      ...{ title: 'upload', operation: 'twelvelabs.part-put', method: 'PUT', path: /^\/storage\// },
      ...{ storage: true, jobsBefore: 1, own: { redirect: succeeds } },
    },
    { title: 'report', operation: 'twelvelabs.report', method: 'POST', path: session, jobsBefore: 1 },
    {
      ...{ title: 'wait for the session', operation: 'twelvelabs.session-status', method: 'GET', path: session },
      ...{ skip: 2, skipOnWire: 2, jobsBefore: 1 },
    },
    {
      ...{ title: 'wait', operation: 'twelvelabs.asset-status', method: 'GET', path: asset, jobsBefore: 1 },
    },
    {
      ...{ title: 'collect', operation: 'twelvelabs.asset-status', method: 'GET', path: asset },
      ...{ skip: 1, skipOnWire: 1, jobsBefore: 1, own: collects },
    },
  ],
};

/** The four lifecycles, in the order of the document. */
export const courses = { soket, twelvelabs, tiro, slng };
