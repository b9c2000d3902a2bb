import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSlngActivities, type SlngActivities } from '../../../src/activities/slng/slng.ts';
import { createDirectoryResultStore } from '../../../src/results/directory-result-store.ts';
import { inspectSource } from '../../../src/upload/inspect-source.ts';
import { openSource } from '../../../src/upload/open-source.ts';
import { inAttempt } from '../../setup/attempts.ts';
import { type SlngServer, startSlngServer } from './slng-server.ts';
import { LookPlanner } from '../../../src/polling/look-planner.ts';

/** SLNG's activities over a scripted server. */
export interface SlngActivityWorld extends SlngActivities {
  server: SlngServer;
  /** A scratch folder; results go to `results` in it. */
  folder: string;
  /** The calls that the server saw, for instance `GET /v1/batch/jobs/pj1`. */
  asked(): string[];
  /** Forgets requests and answers between tests. */
  reset(): void;
  close(): Promise<void>;
}

/** Starts the server and builds the activities; nothing is retried, so a test sees what one attempt throws. */
export async function startSlngActivities(): Promise<SlngActivityWorld> {
  const server = await startSlngServer();
  const folder = await mkdtemp(join(tmpdir(), 'slng-activities-'));
  const activities = createSlngActivities({
    connect: () => Promise.resolve(server.connection),
    inspectSource: (uri, signal) => inspectSource(uri, { signal }),
    openSource: (uri, expectedFingerprint) => openSource(uri, { expectedFingerprint }),
    results: createDirectoryResultStore(join(folder, 'results')),
    timeScale: 100,
    random: () => 0.5,
    looks: new LookPlanner({ timeScale: 100, random: () => 0.5 }),
  });
  return {
    ...{ server, folder, ...activities },
    asked: () => server.requests.map(({ method, path }) => `${method} ${path}`),
    reset: () => {
      server.requests.length = 0;
      server.answers.length = 0;
    },
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Runs one attempt. */
export function run<R>(activity: () => Promise<R>, environment = inAttempt()): Promise<R> {
  return environment.run<[], R, () => Promise<R>>(activity);
}

/** What SLNG answers for a job in this status. */
export function inStatus(status: string) {
  return { status: 200, body: { job_id: 'pj1', status } };
}

/** What SLNG answers for a job that it does not know. */
export const notFound = { status: 404, body: { error: 'job not found' } };

/** What SLNG answers to a create. */
export const accepted = { status: 202, body: { job_id: 'pj1', status: 'QUEUED' } };
