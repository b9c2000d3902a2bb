import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFetchJobStatus } from '../../src/activities/wait/fetch-job-status.ts';
import type { FetchJobStatusInput, FetchJobStatusResult } from '../../src/activities/wait/wait.ts';
import { createProviderAgents, type ProviderAgents } from '../../src/http/agents.ts';
import { createProviderConnection } from '../../src/providers/connection/provider-connection.ts';
import type { PollState } from '../../src/polling/poll-state.ts';
import { type ProviderName, providers } from '../../src/providers/registry.ts';
import { createDirectoryResultStore } from '../../src/results/directory-result-store.ts';
import { type ApiServer, startApiServer } from '../http/api-server.ts';
import { anyJob, anyJson, everyResource } from './any-json.ts';
import { LookPlanner } from '../../src/polling/look-planner.ts';

const key = 'id.canary-0123456789';
const forNobody = () => Promise.reject(new Error('not here'));
let server: ApiServer;
let agents: ProviderAgents;

beforeAll(async () => {
  server = await startApiServer();
  agents = createProviderAgents();
});

afterAll(async () => {
  await agents.close();
  await server.close();
});

interface Look {
  result: FetchJobStatusResult | null;
  failure: unknown;
  heartbeat: PollState | null;
}

/** One attempt of the real wait, whose provider answers with `body`. */
async function look(name: string, short: string, status: number, body: string): Promise<Look> {
  server.answers.splice(0, 1, (response) => response.writeHead(status).end(body));
  const fetchJobStatus = createFetchJobStatus({
    connect: (provider) =>
      Promise.resolve(
        createProviderConnection({
          ...{ provider: providers[provider], baseUrl: server.url, key, agents },
        }),
      ),
    ...{ inspectSource: forNobody, openSource: forNobody, results: createDirectoryResultStore('nowhere') },
    ...{ timeScale: 1, random: () => 0.5 },
    looks: new LookPlanner({ timeScale: 1, random: () => 0.5 }),
  });
  const environment = new MockActivityEnvironment({ attempt: 2 }, { logger: new DefaultLogger('ERROR') });
  const made: Look = { result: null, failure: null, heartbeat: null };
  environment.on('heartbeat', (details) => (made.heartbeat = details as PollState));
  try {
    const input: FetchJobStatusInput = {
      ...{ provider: name as ProviderName, resource: short, id: 'a', observe: 'terminal' },
      ...{ deadlineAtMs: Date.now() + 60_000, processingTime: null, startedAtMs: null, state: null },
    };
    made.result = await environment.run(fetchJobStatus, input);
  } catch (error) {
    made.failure = error;
  }
  return made;
}

function assertWaits({ failure, heartbeat }: Look): void {
  expect(failure).toBeInstanceOf(ApplicationFailure);
  const { type, nextRetryDelay } = failure as ApplicationFailure;
  // A body may also say in words of the provider's own that the job is not there.
  expect(type).toBe('JobNotFinished');
  expect(Number(nextRetryDelay)).toBeGreaterThan(0);
  expect(Number(nextRetryDelay)).toBeLessThanOrEqual(60_000);
  const recorded = JSON.stringify([(failure as ApplicationFailure).message, heartbeat]);
  expect(Buffer.byteLength(recorded)).toBeLessThan(4000);
  expect(recorded).not.toContain('canary');
}

const phasesWith = new Set(['succeeded', 'partially-succeeded', 'failed', 'expired', 'deleted']);
const anyBody = fc.oneof(
  anyJob.map((body) => JSON.stringify({ ...body, note: key })),
  anyJson.value.map((body) => JSON.stringify(body)),
  anyJob.map((body) => JSON.stringify(body).slice(0, -2)),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom(
    '',
    'null',
    `"${key}"`,
    '<html>',
    '['.repeat(100_000),
    `{"status":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
  ),
);

describe.each(everyResource)('the wait for a $short of $name', ({ name, short, resource }) => {
  test('takes any body for an end that it proves, or for no news', async () => {
    await fc.assert(
      fc.asyncProperty(anyBody, async (body) => {
        const made = await look(name, short, 200, body);
        if (made.result === null) {
          assertWaits(made);
          return;
        }
        // An end is one that the resource's own reading of exactly this body proves.
        const { phase } = made.result.snapshot;
        expect(phase).toBe(resource.read(JSON.parse(body)).phase);
        expect(phasesWith).toContain(phase);
      }),
      { numRuns: 60 },
    );
  });
});

const deep = (field: string) =>
  `{"id":"a","job_id":"a","status":"x","${field}":${'['.repeat(90_000)}1${']'.repeat(90_000)}}`;

test.each([
  ['soket', 'file', deep('errors')],
  ['slng', 'batch-job', deep('error_message')],
  ['twelvelabs', 'asset', deep('error')],
  ['tiro', 'voice-file-job', deep('status2')],
])('a body of %s %s that is nested without end does no harm', async (name, short, body) => {
  assertWaits(await look(name, short, 200, body));
  assertWaits(await look(name, short, 500, body));
});
