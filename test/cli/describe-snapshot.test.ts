import pc from 'picocolors';
import { expect, test } from 'vitest';
import { describeJob, describePipeline } from '../../src/cli/describe-snapshot.ts';
import type { LiveSnapshot } from '../../src/client/live-snapshot.ts';

const plain = pc.createColors(false);

const running: LiveSnapshot = {
  workflowId: 'provider-job/tiro/a',
  runId: 'r',
  workflowStatus: 'RUNNING',
  source: 'workflow',
  provider: 'tiro',
  resource: 'tiro.voice-file-job',
  jobId: 'j',
  stage: 'Wait for Tiro to transcribe',
  phase: 'running',
  status: 'PROCESSING',
  recognised: true,
  progress: { done: 15, total: 20, unit: 'chunks' },
  message: null,
  statusCalls: 1,
  nextLookAt: null,
  attempt: 1,
  lastError: null,
  pendingActivity: 'fetchJobStatus',
  observedAt: null,
  isLate: false,
};

test.each<{ what: string; change: Partial<LiveSnapshot>; news: string; details: string }>([
  {
    what: 'phase, status, progress and calls',
    change: {},
    news: 'running · PROCESSING · 15 of 20 chunks · Wait for Tiro to transcribe',
    details: '1 status call',
  },
  {
    what: 'that the status is a word nobody knows',
    change: { status: 'PONDERING', recognised: false, progress: null, stage: null },
    news: 'running · PONDERING (a status that nobody knows)',
    details: '1 status call',
  },
  {
    what: 'that no worker answers',
    change: { source: 'temporal', stage: null, phase: null, status: null, progress: null, statusCalls: 0 },
    news: 'no phase yet',
    details: '0 status calls · no workflow worker answers',
  },
  {
    what: 'how a workflow without an outcome ended',
    change: { workflowStatus: 'TIMED_OUT', progress: null, lastError: 'TimedOut: too late' },
    news: 'running · PROCESSING · timed out · TimedOut: too late',
    details: '1 status call',
  },
])('says $what', ({ change, news, details }) => {
  expect(describeJob({ ...running, ...change }, plain)).toEqual({ news, details });
});

test('counts down to the next check', () => {
  const nextLookAt = new Date(Date.now() + 4400).toISOString();
  expect(describeJob({ ...running, nextLookAt }, plain).details).toMatch(/^1 status call · next check in 4\.\d s$/);
});

test('clips the words of a long failure', () => {
  expect(describeJob({ ...running, lastError: 'x'.repeat(900) }, plain).news.length).toBeLessThan(250);
});

test('gives a pipeline a line for each job, started or not', () => {
  const places = { step: 'tiro', provider: 'tiro', workflowId: 'provider-job/tiro/a' } as const;
  const lines = describePipeline(
    {
      workflowId: 'media-pipeline/a',
      runId: 'r',
      workflowStatus: 'RUNNING',
      strategy: 'all',
      jobs: [
        { ...places, snapshot: running },
        { ...places, step: 'second', snapshot: null },
      ],
    },
    plain,
  );
  expect(lines.map(({ news }) => news)).toEqual([
    'tiro    running · PROCESSING · 15 of 20 chunks · Wait for Tiro to transcribe',
    'second  not started',
  ]);
});
