import { z } from 'zod';
import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import { timestamp } from '../clock.ts';
import type { Endpoint } from '../endpoint.ts';
import { providerPrefixes } from '../operations.ts';
import type { TiroJobs } from './jobs.ts';
import { completedJob, spokenLocale, summary, transcript, translation, translations } from './results.ts';

const locale = z.string().regex(/^[a-z]{2}_[A-Z]{2}$/);
const createBody = z.object({
  transcriptLocaleHints: z.array(locale).max(1).default([]),
  translationLocales: z.array(locale).max(5).default([]),
});

/** Tiro's voice-file API. */
export function tiroEndpoints(jobs: TiroJobs): Endpoint[] {
  const root = `${providerPrefixes.tiro}/v1/external/voice-file/jobs`;
  const ofJob = { jobParameter: 'jobId', path: `${root}/:jobId` };
  const result = (call: Call) => completedJob(jobs, call);
  return [
    { method: 'POST', path: root, operation: 'tiro.create', handle: (call) => create(jobs, call) },
    {
      ...ofJob,
      method: 'PUT',
      path: `${ofJob.path}/upload-complete`,
      operation: 'tiro.upload-complete',
      handle: (call) => uploadComplete(jobs, call),
    },
    {
      ...ofJob,
      method: 'GET',
      operation: 'tiro.status',
      handle: (call) => ({ status: 200, body: jobs.document(jobs.get(call.parameter('jobId')), true) }),
    },
    {
      ...ofJob,
      method: 'GET',
      path: `${ofJob.path}/transcript`,
      operation: 'tiro.transcript',
      handle: (call) => ({ status: 200, body: transcript(result(call)) }),
    },
    {
      ...ofJob,
      method: 'GET',
      path: `${ofJob.path}/translations`,
      operation: 'tiro.translations',
      handle: (call) => translations(result(call)),
    },
    {
      ...ofJob,
      method: 'GET',
      path: `${ofJob.path}/translations/:locale`,
      operation: 'tiro.translation',
      handle: (call) => ({ status: 200, body: translation(result(call), call.parameter('locale')) }),
    },
    {
      ...ofJob,
      method: 'GET',
      path: `${ofJob.path}/transcript/paragraph-summary`,
      operation: 'tiro.transcript-summary',
      handle: (call) => ({ status: 200, body: summary(result(call), spokenLocale(result(call))) }),
    },
    {
      ...ofJob,
      method: 'GET',
      path: `${ofJob.path}/translations/:locale/paragraph-summary`,
      operation: 'tiro.translation-summary',
      handle: (call) => {
        const job = result(call);
        translation(job, call.parameter('locale'));
        return { status: 200, body: summary(job, call.parameter('locale')) };
      },
    },
  ];
}

async function create(jobs: TiroJobs, call: Call): Promise<Answer> {
  const job = jobs.create(call.origin, await call.body(createBody));
  call.record.jobId = job.id;
  const { id, uploadUri, createdAt, transcriptLocaleHints, translationLocales } = job;
  const body = { id, uploadUri, status: 'CREATED', createdAt: timestamp(createdAt), transcriptLocaleHints };
  return { status: 200, body: { ...body, translationLocales } };
}

async function uploadComplete(jobs: TiroJobs, call: Call): Promise<Answer> {
  await call.drain();
  const job = jobs.get(call.parameter('jobId'));
  jobs.start(job);
  return { status: 200, body: { id: job.id, status: jobs.document(job, false)['status'] } };
}
