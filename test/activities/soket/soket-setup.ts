import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createSoketActivities } from '../../../src/activities/soket/soket.ts';
import { createDirectoryResultStore } from '../../../src/results/directory-result-store.ts';
import { inspectSource } from '../../../src/upload/inspect-source.ts';
import type { SourceDescription } from '../../../src/upload/media-source.ts';
import { openSource } from '../../../src/upload/open-source.ts';
import { inAttempt } from '../../setup/attempts.ts';
import { eventually } from '../../setup/eventually.ts';
import { type RecordingServer, startRecordingServer } from '../../providers/soket/recording-server.ts';
import { LookPlanner } from '../../../src/polling/look-planner.ts';

/** The activities of Soket against a server with prepared answers. */
export interface SoketSetup extends ReturnType<typeof createSoketActivities> {
  server: RecordingServer;
  /** The heartbeat details of all attempts so far. */
  heartbeats: unknown[];
  /** Writes a file and describes it as a lifecycle would. */
  describeSource(name: string, content: string): Promise<SourceDescription>;
  /** Runs an activity as the given attempt, with what the one before it left. */
  attempt<I, R>(activity: (input: I) => Promise<R>, input: I, number?: number, left?: unknown): Promise<R>;
  /** Runs an activity and cancels it once the condition holds. */
  cancelled<I, R>(activity: (input: I) => Promise<R>, input: I, when: () => boolean): Promise<R>;
  close(): Promise<void>;
}

/** Makes a setup with a scratch folder of its own. */
export async function makeSoketSetup(): Promise<SoketSetup> {
  const server = await startRecordingServer();
  const folder = await mkdtemp(join(tmpdir(), 'provider-jobs-soket-'));
  const heartbeats: unknown[] = [];
  const activities = createSoketActivities({
    connect: () => Promise.resolve(server.connection),
    inspectSource: (uri) => inspectSource(uri),
    openSource: (uri, expectedFingerprint) => openSource(uri, { expectedFingerprint }),
    results: createDirectoryResultStore(join(folder, 'results')),
    timeScale: 100,
    random: () => 0.5,
    looks: new LookPlanner({ timeScale: 100, random: () => 0.5 }),
  });
  return {
    ...activities,
    server,
    heartbeats,
    async describeSource(name, content) {
      const path = join(folder, name);
      await writeFile(path, content);
      return inspectSource(pathToFileURL(path).href);
    },
    attempt(activity, input, number = 1, left) {
      const environment = inAttempt({ attempt: number, heartbeatDetails: left });
      environment.on('heartbeat', (details: unknown) => heartbeats.push(details));
      return environment.run(activity, input);
    },
    async cancelled<I, R>(activity: (input: I) => Promise<R>, input: I, when: () => boolean): Promise<R> {
      const environment = inAttempt();
      const running: Promise<R> = environment.run(activity, input);
      running.catch(() => undefined);
      await eventually('the activity is where it is to be cancelled', when);
      environment.cancel();
      return running;
    },
    async close() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
