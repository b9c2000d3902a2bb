import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { ProviderJobs } from '../../src/client.ts';
import { startTemporalServer } from '../../src/dev/temporal-server.ts';
import type { Benchmark, BenchContext, BenchResult } from '../benchmark.ts';
import { FigureBook } from '../figure-book.ts';
import { installedVersions } from '../opponents.ts';
import { removeAtEnd, Started } from '../processes/clean-up.ts';
import { makeSparseFile } from '../processes/sparse-file.ts';
import { uploadsChart } from './chart.ts';
import { type UploadCondition, underOf } from './condition.ts';
import { uploadContenders } from './contenders.ts';
import { type UploadMeasure, measureUpload, type UploadWorld } from './measure-upload.ts';
import { uploadsPage } from './page.ts';
import { findS3Program, s3ServerVersion } from './s3-server.ts';

const mebibyte = 1024 ** 2;
const networks = [
  { latencyMs: 0, failingShare: 0 },
  { latencyMs: 30, failingShare: 0 },
  { latencyMs: 30, failingShare: 0.02 },
];

interface Plan {
  conditions: UploadCondition[];
  rounds: (condition: UploadCondition) => number;
}

/** BENCH_UPLOAD_MIB=64,1024 measures these sizes in place of 1 and 8 GiB. */
function planOf({ isQuick }: BenchContext): Plan {
  const given = process.env['BENCH_UPLOAD_MIB']?.split(',').map(Number);
  const sizes = given ?? (isQuick ? [40] : [1024, 8192]);
  const conditions = sizes.flatMap((mebibytes) =>
    networks
      // In a large file the latency alone shows nothing that it does not in a small one.
      .filter(({ latencyMs, failingShare }) => mebibytes <= 1024 || latencyMs === 0 || failingShare > 0)
      .map((network) => ({ ...network, sizeBytes: mebibytes * mebibyte })),
  );
  return { conditions, rounds: ({ sizeBytes }) => (isQuick || sizeBytes > 1024 * mebibyte ? 1 : 3) };
}

const measures: { measure: string; unit: string; of: (measured: UploadMeasure) => number }[] = [
  { measure: 'wall', unit: 's', of: ({ wallSeconds }) => wallSeconds },
  { measure: 'CPU', unit: 's', of: ({ processorSeconds }) => processorSeconds },
  { measure: 'memory', unit: 'MiB', of: ({ addedMiB }) => addedMiB },
  { measure: 'temporary files', unit: 'MiB', of: ({ temporaryMiB }) => temporaryMiB },
  { measure: 'sent', unit: 'MiB', of: ({ sentMiB }) => sentMiB },
  { measure: 'control requests', unit: '', of: ({ controlRequests }) => controlRequests },
];

async function measureAll(context: BenchContext, world: UploadWorld, book: FigureBook): Promise<void> {
  const { conditions, rounds } = planOf(context);
  const contenders = uploadContenders.filter(({ storage }) => storage !== 's3' || world.s3Program !== null);
  for (const condition of conditions) {
    await makeSparseFile(world.path, condition.sizeBytes);
    const under = underOf(condition);
    for (let round = 1; round <= rounds(condition); round += 1) {
      for (const contender of contenders) {
        const measured = await measureUpload(world, contender, condition);
        const { failed, wallSeconds } = measured;
        const words = failed === null ? `${wallSeconds.toFixed(1)} s` : `failed: ${failed}`;
        context.say(`${String(under['size'])}, ${String(under['network'])}, ${contender.name}: ${words}`);
        const add = (measure: string, unit: string, value: number) => {
          book.add({ contender: contender.name, under, measure, unit }, value);
        };
        add('uploads that failed', '', failed === null ? 0 : 1);
        if (failed !== null) continue;
        for (const { measure, unit, of } of measures) add(measure, unit, of(measured));
        if (!contender.name.startsWith('ours')) continue;
        add('CPU of the Temporal server', 's', measured.serverSeconds);
      }
    }
  }
}

async function run(context: BenchContext): Promise<BenchResult> {
  const started = new Started();
  const forget = removeAtEnd(context.folder);
  const book = new FigureBook();
  try {
    // Its client says at every start which Node it will want one day.
    process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
    const s3Program = findS3Program((words) => {
      context.say(words);
    });
    const folder = join(context.folder, 'uploads');
    await mkdir(folder);
    const server = started.add(await startTemporalServer({ env: process.env, ui: false }), (it) => it.close());
    const connection = await Connection.connect({ address: server.address });
    started.add(connection, (it) => it.close());
    const jobs = new ProviderJobs(new Client({ connection }));
    const temporal = { address: server.address, pid: server.pid, jobs };
    const path = join(folder, 'video.mp4');
    await measureAll(context, { folder, seed: context.seed, path, temporal, s3Program }, book);
    const versions = installedVersions('twelvelabs-js', '@aws-sdk/lib-storage', 'undici');
    return {
      figures: book.list(),
      versions: s3Program === null ? versions : { ...versions, versitygw: s3ServerVersion },
      left: s3Program === null ? ['lib-storage: there is no versitygw, and no Go to build it with'] : [],
    };
  } finally {
    await started.end();
    forget();
  }
}

/** Uploads of large files, compared with the vendor's client, the S3 client, and bare PUTs. */
export const uploads: Benchmark = {
  name: 'uploads',
  title: 'Uploading large files',
  run,
  page: uploadsPage,
  charts: ({ figures }) => ({ uploads: uploadsChart(figures) }),
};
