import pLimit from 'p-limit';
import { seededRandom } from '../../test/setup/seeded-random.ts';
import type { Benchmark, BenchContext, BenchResult } from '../benchmark.ts';
import { drawTimesMs } from '../detection/measure.ts';
import { kinds } from '../detection/situations.ts';
import { FigureBook } from '../figure-book.ts';
import { installedVersions } from '../opponents.ts';
import { meanOf } from '../spread.ts';
import { startStack } from '../stack.ts';
import { TimedJobs, type SeenWait } from '../waits/timed-jobs.ts';
import { createWays, handWritten, startHandWritten, warmUp, type WaitedJob, type WayName } from '../waits/ways.ts';
import { realDetectionCharts, realDetectionPage } from './page.ts';

const timeScale = 20;
const namespace = 'default';
/** A track knows nothing of the media and is another question. */
const ways: readonly WayName[] = ['ours, whole job', ...handWritten];
// More than this and two cores are busy with other things than waiting.
const atOnce = 20;

interface Wait extends WaitedJob {
  way: WayName;
  jobs: string;
}

/** Every way's waits of one round: the same jobs for each, in an order that mixes them. */
function waitsOf(kindsOfRound: typeof kinds, jobsOfKind: number, random: () => number): Wait[] {
  const waits = kindsOfRound.flatMap(({ title, law, minutes }) =>
    drawTimesMs(law, jobsOfKind, random).flatMap((durationMs) =>
      ways.map((way) => ({ way, jobs: title, law, minutes, durationMs, order: random() })),
    ),
  );
  return waits.sort((one, other) => one.order - other.order);
}

async function run(context: BenchContext): Promise<BenchResult> {
  const { seed, isQuick, folder, say } = context;
  const [rounds, jobsOfKind, kindsOfRound] = isQuick ? [2, 1, kinds.slice(0, 2)] : [10, 5, kinds];
  const stack = await startStack(context, { namespaces: [], timeScale });
  try {
    await stack.startOurWorker(namespace);
    await startHandWritten(stack, [namespace]);
    const jobs = new TimedJobs(stack, timeScale);
    const begin = await createWays({ stack, jobs, timeScale, folder, namespaceOf: () => namespace });
    say('warming up');
    await warmUp(begin, ways);
    const limit = pLimit(atOnce);
    const book = new FigureBook();
    for (let round = 0; round < rounds; round += 1) {
      const waits = waitsOf(kindsOfRound, jobsOfKind, seededRandom(seed * 1000 + round));
      say(`round ${String(round + 1)} of ${String(rounds)}: ${String(waits.length)} jobs`);
      const seen = await Promise.all(
        waits.map((wait) =>
          limit(async () => {
            const begun = await begin[wait.way](wait);
            await begun.ended;
            return { ...wait, ...(await jobs.seen(begun.jobId)) };
          }),
        ),
      );
      for (const way of ways) {
        const mine = seen.filter((wait) => wait.way === way);
        note(book, way, 'all', mine);
        for (const { title } of kindsOfRound) {
          note(
            book,
            way,
            title,
            mine.filter((wait) => wait.jobs === title),
          );
        }
      }
    }
    return {
      figures: book.list(),
      versions: { ...installedVersions('@temporalio/worker'), 'Temporal server': await stack.serverVersion() },
      left: [],
    };
  } finally {
    await stack.close();
  }
}

function note(book: FigureBook, contender: string, jobs: string, seen: readonly SeenWait[]): void {
  const under = { jobs };
  const delaySeconds = meanOf(seen.map((wait) => wait.delaySeconds));
  const calls = meanOf(seen.map((wait) => wait.calls));
  book.add({ contender, under, measure: 'delay', unit: 's' }, delaySeconds);
  book.add({ contender, under, measure: 'calls', unit: '' }, calls);
  book.add({ contender, under, measure: 'delay + 1 s a call', unit: 's' }, delaySeconds + calls);
}

/** As `detection`, on a real Temporal server with real HTTP. */
export const realDetection: Benchmark = {
  name: 'real-detection',
  title: 'The same on a real Temporal server',
  run,
  page: realDetectionPage,
  charts: realDetectionCharts,
};
