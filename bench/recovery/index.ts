import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { TopLevelSpec } from 'vega-lite';
import { ProviderJobs } from '../../src/client.ts';
import { startTemporalServer } from '../../src/dev/temporal-server.ts';
import type { Benchmark, BenchContext, BenchResult, Figure } from '../benchmark.ts';
import { FigureBook } from '../figure-book.ts';
import { installedVersions } from '../opponents.ts';
import { removeAtEnd, Started } from '../processes/clean-up.ts';
import { makeSparseFile } from '../processes/sparse-file.ts';
import { spreadOf } from '../spread.ts';
import { figuresTable } from '../table.ts';
import { formatSize } from '../uploads/condition.ts';
import { conditionsOf, whereWeLose } from '../where-we-lose.ts';
import { recoveryContenders } from './contenders.ts';
import { measureRecovery, type RecoveryMeasure } from './measure-recovery.ts';

const mebibyte = 1024 ** 2;
const shares = [0.1, 0.5, 0.9];
/** What leaves enough time to meet the wanted moment in a file of this size. */
const pace = (isQuick: boolean) =>
  isQuick ? { latencyMs: 100, chunkSizeBytes: mebibyte } : { latencyMs: 30, chunkSizeBytes: 5 * mebibyte };

const measures: { measure: string; unit: string; of: (measured: RecoveryMeasure) => number }[] = [
  { measure: 'sent again', unit: 'MiB', of: ({ sentAgainMiB }) => sentAgainMiB },
  { measure: 'to the next useful call', unit: 's', of: ({ toUsefulCallSeconds }) => toUsefulCallSeconds },
  { measure: 'to the end of the upload', unit: 's', of: ({ toEndSeconds }) => toEndSeconds },
  { measure: 'duplicates at the provider', unit: '', of: ({ duplicates }) => duplicates },
  { measure: 'temporary files left', unit: 'MiB', of: ({ leftMiB }) => leftMiB },
  { measure: 'was killed at', unit: '%', of: ({ killedAt }) => killedAt * 100 },
];

/** BENCH_RECOVERY_MIB=256 measures with a file of this size in place of 1 GiB. */
async function run(context: BenchContext): Promise<BenchResult> {
  const started = new Started();
  const forget = removeAtEnd(context.folder);
  const book = new FigureBook();
  const { seed, isQuick } = context;
  const sizeBytes = Number(process.env['BENCH_RECOVERY_MIB'] ?? (isQuick ? 80 : 1024)) * mebibyte;
  const rounds = isQuick ? 1 : 3;
  try {
    const folder = join(context.folder, 'recovery');
    await mkdir(folder);
    const path = join(folder, 'video.mp4');
    await makeSparseFile(path, sizeBytes);
    const server = started.add(await startTemporalServer({ env: process.env, ui: false }), (it) => it.close());
    const connection = await Connection.connect({ address: server.address });
    started.add(connection, (it) => it.close());
    const temporal = { address: server.address, jobs: new ProviderJobs(new Client({ connection })) };
    const world = { folder, seed, path, sizeBytes, ...pace(isQuick), temporal };
    for (let round = 1; round <= rounds; round += 1) {
      for (const share of shares) {
        const under = { size: formatSize(sizeBytes), moment: `killed at ${String(share * 100)} %` };
        for (const contender of recoveryContenders) {
          const measured = await measureRecovery(world, contender, share);
          const words = `${measured.toUsefulCallSeconds.toFixed(1)} s to go on, ${measured.sentAgainMiB.toFixed(1)} MiB again`;
          context.say(`round ${String(round)}, ${under.moment}, ${contender.name}: ${words}`);
          for (const { measure, unit, of } of measures)
            book.add({ contender: contender.name, under, measure, unit }, of(measured));
        }
      }
    }
    return {
      figures: book.list(),
      versions: installedVersions('twelvelabs-js', 'tus-js-client', '@tus/server'),
      left: [],
    };
  } finally {
    await started.end();
    forget();
  }
}

const intro = `The uploading process is killed by SIGKILL once the provider has 10, 50 or 90 % of the file, and started again at once.
\`ours\` is the worker of a job on a real Temporal server: nobody tells the new one what to do. twelvelabs-js has no
resumption: its caller runs it again, as if somebody were there to notice at once. tus is another protocol, which TwelveLabs does not speak; it stands here for what
a protocol made for it can do, with a server and a URL store on the same machine. Every request takes 30 ms longer.

*Sent again* is what the provider received over the size of the file. The *next useful call* brings bytes that it had not
had; a process that starts over gets there after all the others. A *duplicate* is an upload at the provider, with its
reserved asset, that nobody will ever finish.

Ours goes on once the server has missed its heartbeat, for 15 s at most, since a worker that is merely slow must not be
doubled. What a kill at 50 % costs in bytes is one report batch and the parts under way, whatever the size.`;

function recoveryPage({ figures }: BenchResult): string {
  const tables = conditionsOf(figures).map(
    (under) => `**${String(under['size'])}, ${String(under['moment'])}**\n\n${figuresTable(figures, under)}`,
  );
  const lost = whereWeLose(figures, {
    measures: {
      'sent again': 1,
      'to the next useful call': 0.3,
      'to the end of the upload': 0.3,
      'duplicates at the provider': 0,
      'temporary files left': 1,
    },
  });
  return [intro, '![What a kill costs](benchmarks/recovery.svg)', ...tables, lost].join('\n\n');
}

function recoveryChart(figures: readonly Figure[]): TopLevelSpec {
  const shown = ['sent again', 'to the next useful call'];
  const values = figures
    .filter(({ measure }) => shown.includes(measure))
    .map(({ contender, under, measure, unit, values: each }) => ({
      contender,
      ...under,
      measure: `${measure}, ${unit}`,
      ...spreadOf(each),
    }));
  return {
    data: { values },
    facet: { column: { field: 'measure', type: 'nominal', sort: null, title: null } },
    resolve: { scale: { x: 'independent' } },
    spec: {
      width: 300,
      height: { step: 16 },
      mark: 'bar',
      encoding: {
        y: { field: 'moment', type: 'nominal', sort: null, title: null },
        yOffset: { field: 'contender', type: 'nominal', sort: null },
        x: { field: 'median', type: 'quantitative', title: null },
        color: { field: 'contender', type: 'nominal', sort: null, title: null, legend: { orient: 'bottom' } },
      },
    },
  };
}

/** What a crash in the middle of an upload costs. */
export const recovery: Benchmark = {
  name: 'recovery',
  title: 'After a crash in the middle of an upload',
  run,
  page: recoveryPage,
  charts: ({ figures }) => ({ recovery: recoveryChart(figures) }),
};
