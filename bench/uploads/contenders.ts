import { pathToFileURL } from 'node:url';
import { CreateMultipartUploadCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { ProviderJobs } from '../../src/client.ts';
import { startChild } from '../processes/child.ts';
import type { MeasuredProcess } from '../processes/child.ts';
import { startOurWorker } from '../processes/our-worker.ts';
import type { SimulatorProcess } from '../processes/simulator.ts';
import { createS3Client, type S3Access } from './s3-client.ts';
import type { S3UploadTuning } from './s3-uploader.ts';

/** Where an upload starts from: fresh for each. */
export interface UploadStage {
  path: string;
  sizeBytes: number;
  /** Everything that is temporary goes there. */
  temporaryFolder: string;
  resultsFolder: string;
  simulator: SimulatorProcess;
  temporal: { address: string; jobs: ProviderJobs };
  /** Where there is an S3 server: how to reach it through the network that is measured under. */
  s3: S3Access | null;
}

/** The process that is measured, and how it is told to upload. */
export interface Uploader extends MeasuredProcess {
  upload(): Promise<unknown>;
}

/** One way to upload a file. */
export interface UploadContender {
  name: string;
  storage: 'twelvelabs' | 's3';
  /** Starts the process that uploads, and leaves it idle. */
  start(stage: UploadStage): Promise<Uploader>;
}

const partBytes = 5 * 1024 ** 2;
const mostUrls = 50;

/** The ranges of the parts, from the first to the last. */
export function rangesOf(sizeBytes: number): { start: number; end: number }[] {
  const count = Math.ceil(sizeBytes / partBytes);
  return Array.from({ length: count }, (_, index) => ({
    start: index * partBytes,
    end: Math.min(sizeBytes, (index + 1) * partBytes),
  }));
}

function ours(name: string, concurrency?: number): UploadContender {
  return {
    name,
    storage: 'twelvelabs',
    async start(stage) {
      const worker = await startOurWorker(ourEnvironment(stage));
      const input = { source: pathToFileURL(stage.path).href, ...(concurrency === undefined ? {} : { concurrency }) };
      return {
        ...worker,
        async upload() {
          const { phase, message } = await (await stage.temporal.jobs.start('twelvelabs', input)).result();
          if (phase !== 'succeeded') throw new Error(`the job ended as ${String(phase)}: ${message ?? ''}`);
        },
      };
    },
  };
}

/** What our worker is given: nothing but where things are. */
export function ourEnvironment({
  simulator,
  temporal,
  temporaryFolder,
  resultsFolder,
}: Pick<UploadStage, 'simulator' | 'temporaryFolder' | 'resultsFolder'> & { temporal: { address: string } }) {
  return {
    TMPDIR: temporaryFolder,
    TEMPORAL_ADDRESS: temporal.address,
    TWELVELABS_BASE_URL: simulator.baseUrls.twelvelabs,
    TWELVELABS_API_KEY: simulator.keys.twelvelabs[0],
    PROVIDER_JOBS_RESULTS: resultsFolder,
  };
}

function vendor(name: string, options: Record<string, number>): UploadContender {
  return {
    name,
    storage: 'twelvelabs',
    async start({ simulator, temporaryFolder, path }) {
      const child = await startChild(new URL('./vendor-uploader.ts', import.meta.url), {
        TMPDIR: temporaryFolder,
        TWELVELABS_BASE_URL: simulator.baseUrls.twelvelabs,
        TWELVELABS_API_KEY: simulator.keys.twelvelabs[0],
      });
      return { ...child, upload: () => child.ask('upload', { path, options }) };
    },
  };
}

function libStorage(name: string, tuning: S3UploadTuning | null): UploadContender {
  return {
    name,
    storage: 's3',
    async start({ s3, temporaryFolder, path }) {
      const child = await startChild(new URL('./s3-uploader.ts', import.meta.url), { TMPDIR: temporaryFolder });
      return { ...child, upload: () => child.ask('upload', { path, access: s3, tuning }) };
    },
  };
}

function floor(name: string, storage: UploadContender['storage'], concurrency: number): UploadContender {
  return {
    name,
    storage,
    async start(stage) {
      const { temporaryFolder, path, sizeBytes } = stage;
      const child = await startChild(new URL('./raw-uploader.ts', import.meta.url), { TMPDIR: temporaryFolder });
      const urls = await (storage === 's3' ? s3Urls(stage) : sessionUrls(stage));
      const parts = rangesOf(sizeBytes).map((range, index) => ({ ...range, url: urls[index] }));
      return { ...child, upload: () => child.ask('upload', { path, parts, concurrency }) };
    },
  };
}

async function sessionUrls({ simulator, sizeBytes }: UploadStage): Promise<string[]> {
  const call = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json', 'x-api-key': simulator.keys.twelvelabs[0] ?? '' };
    const root = `${simulator.baseUrls.twelvelabs}/assets/multipart-uploads`;
    const answer = await fetch(`${root}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return (await answer.json()) as { upload_id: string; upload_urls: { url: string }[] };
  };
  const { upload_id } = await call('', { filename: 'video.mp4', type: 'video', total_size: sizeBytes });
  const urls: string[] = [];
  for (let start = 1; start <= rangesOf(sizeBytes).length; start += mostUrls) {
    const { upload_urls } = await call(`/${upload_id}/presigned-urls`, { start, count: mostUrls });
    urls.push(...upload_urls.map(({ url }) => url));
  }
  return urls;
}

async function s3Urls({ s3, sizeBytes }: UploadStage): Promise<string[]> {
  if (s3 === null) throw new Error('there is no S3 server');
  const client = createS3Client(s3, false);
  const object = { Bucket: s3.bucket, Key: s3.key };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(object));
  const urls = await Promise.all(
    rangesOf(sizeBytes).map((_, index) =>
      getSignedUrl(client, new UploadPartCommand({ ...object, UploadId, PartNumber: index + 1 }), { expiresIn: 3600 }),
    ),
  );
  client.destroy();
  return urls;
}

/** The name of the floor of each storage. */
export const floors = { twelvelabs: 'floor: undici PUTs', s3: 'floor: undici PUTs to S3' } as const;

/** All contenders, in the order of the page. */
export const uploadContenders: readonly UploadContender[] = [
  ours('ours'),
  ours('ours, concurrency 16', 16),
  vendor('twelvelabs-js', {}),
  // It starts all of a batch at once, so the batch is what says how many are under way.
  vendor('twelvelabs-js, tuned', { batchSize: 25, maxWorkers: 25, maxRetries: 5, retryDelay: 0.2 }),
  floor(floors.twelvelabs, 'twelvelabs', 5),
  libStorage('lib-storage', null),
  libStorage('lib-storage, tuned', { queueSize: 16, partSize: 8 * 1024 ** 2 }),
  floor(floors.s3, 's3', 5),
];
