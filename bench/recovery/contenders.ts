import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mkdir } from 'node:fs/promises';
import type { ProviderJobs } from '../../src/client.ts';
import { type Child, startChild } from '../processes/child.ts';
import type { Started } from '../processes/clean-up.ts';
import { startOurWorker } from '../processes/our-worker.ts';
import { reportedAt, type SimulatorProcess, startSimulatorProcess } from '../processes/simulator.ts';
import { ourEnvironment } from '../uploads/contenders.ts';
import type { TusCounts } from './tus-server.ts';

/** What an upload that is killed is given. */
export interface RecoveryStage {
  path: string;
  sizeBytes: number;
  latencyMs: number;
  /** Of the provider's parts. */
  chunkSizeBytes: number;
  seed: number;
  folder: string;
  temporaryFolder: string;
  temporal: { address: string; jobs: ProviderJobs };
  started: Started;
}

/** What the provider knows at the end. */
export interface RecoveryTruth {
  receivedBytes: number;
  /** Uploads that were begun there. */
  uploads: number;
  /** When all of it was there and reported, in milliseconds since the epoch; null where only the client knows. */
  completedAt: number | null;
  /** When bytes that it had not had before began to arrive after this time; null where none did. */
  usefulCallAfter(restartedAt: number): number | null;
}

/** An upload whose process can be killed and started again. */
export interface KillableUpload {
  /** Starts the uploading process anew, as a supervisor or the caller would. */
  startProcess(): Promise<{ kill(): Promise<void>; finished: Promise<unknown> }>;
  /** The share of the file that the provider has; also after a new beginning. */
  progress(): Promise<number>;
  truth(): Promise<RecoveryTruth>;
}

/** One way to upload a file through a crash. */
export interface RecoveryContender {
  name: string;
  prepare(stage: RecoveryStage): Promise<KillableUpload>;
}

async function atSimulator(
  stage: RecoveryStage,
): Promise<{ simulator: SimulatorProcess } & Omit<KillableUpload, 'startProcess'>> {
  const { started, folder, latencyMs, chunkSizeBytes, seed, sizeBytes } = stage;
  const spool = join(folder, 'spool');
  await mkdir(spool, { recursive: true });
  const simulator = started.add(await startSimulatorProcess(spool, { chunkSizeBytes }), (it) => it.kill());
  await simulator.admin.setPlan('twelvelabs', { jobs: null, assembleMs: 0, durationMs: 0 });
  await simulator.admin.setWeather({ seed, rates: [{ kind: 'delay', operation: '*', rate: 1, delayMs: latencyMs }] });
  const puts = () => simulator.admin.calls({ operation: 'twelvelabs.part-put' });
  return {
    simulator,
    progress: async () => {
      const objects = await simulator.admin.objects('twelvelabs');
      return objects.reduce((sum, object) => sum + object.sizeBytes, 0) / sizeBytes;
    },
    truth: async () => {
      const calls = await puts();
      const { jobsCreated } = await simulator.admin.counters();
      return {
        receivedBytes: calls.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0),
        uploads: jobsCreated.twelvelabs,
        completedAt: await reportedAt(simulator.admin),
        usefulCallAfter: (restartedAt) => {
          const isWhole = ({ status }: { status: number | null }) => status === 200;
          const before = new Set(
            calls.filter((call) => call.at < restartedAt && isWhole(call)).map((call) => call.partIndex),
          );
          return (
            calls.find((call) => call.at >= restartedAt && isWhole(call) && !before.has(call.partIndex))?.at ?? null
          );
        },
      };
    },
  };
}

const ours: RecoveryContender = {
  name: 'ours',
  async prepare(stage) {
    const { simulator, ...rest } = await atSimulator(stage);
    const env = ourEnvironment({ ...stage, simulator, resultsFolder: join(stage.folder, 'results') });
    let finished: Promise<unknown> | undefined;
    return {
      ...rest,
      async startProcess() {
        const worker = stage.started.add(await startOurWorker(env), (it) => it.kill());
        // Started once: nobody is told of the crash, and the job goes on by itself.
        finished ??= stage.temporal.jobs
          .start('twelvelabs', { source: pathToFileURL(stage.path).href })
          .then((job) => job.result());
        return { kill: () => worker.kill(), finished };
      },
    };
  },
};

const vendor: RecoveryContender = {
  name: 'twelvelabs-js, run again',
  async prepare(stage) {
    const { simulator, ...rest } = await atSimulator(stage);
    const env = {
      TMPDIR: stage.temporaryFolder,
      TWELVELABS_BASE_URL: simulator.baseUrls.twelvelabs,
      TWELVELABS_API_KEY: simulator.keys.twelvelabs[0],
    };
    return {
      ...rest,
      startProcess: () => startAsking(stage, '../uploads/vendor-uploader.ts', env, { path: stage.path }),
    };
  },
};

async function startAsking(stage: RecoveryStage, file: string, env: NodeJS.ProcessEnv, input: unknown) {
  const child: Child = await startChild(new URL(file, import.meta.url), env);
  stage.started.add(child, (it) => it.kill());
  const finished = child.ask('upload', input);
  finished.catch(() => undefined);
  return { kill: () => child.kill(), finished };
}

function tus(name: string, chunkSize: number | null): RecoveryContender {
  return {
    name,
    async prepare(stage) {
      const { started, folder, latencyMs, sizeBytes, path, temporaryFolder } = stage;
      const files = join(folder, 'tus');
      await mkdir(files, { recursive: true });
      const env = { TUS_FOLDER: files, TUS_LATENCY_MS: String(latencyMs) };
      const server = started.add(await startChild(new URL('./tus-server.ts', import.meta.url), env), (it) => it.kill());
      const { url } = server.ready as { url: string };
      const counts = () => server.ask('counts') as Promise<TusCounts>;
      const input = { path, endpoint: url, urlFile: join(folder, 'tus-urls.json'), chunkSize };
      return {
        startProcess: () => startAsking(stage, './tus-uploader.ts', { TMPDIR: temporaryFolder }, input),
        progress: async () => (await counts()).storedBytes / sizeBytes,
        truth: async () => {
          const { receivedBytes, uploads, patchesAt } = await counts();
          // It goes on where the server stands: every request is for new bytes.
          return {
            receivedBytes,
            uploads,
            completedAt: null,
            usefulCallAfter: (restartedAt) => patchesAt.find((at) => at >= restartedAt) ?? null,
          };
        },
      };
    },
  };
}

/** All contenders, in the order of the page. */
export const recoveryContenders: readonly RecoveryContender[] = [
  ours,
  vendor,
  tus('tus', null),
  tus('tus, chunks of 5 MiB', 5 * 1024 ** 2),
];
