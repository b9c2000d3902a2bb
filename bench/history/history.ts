import type { Benchmark, BenchContext, BenchResult } from '../benchmark.ts';
import { kinds } from '../detection/situations.ts';
import { FigureBook } from '../figure-book.ts';
import { installedVersions } from '../opponents.ts';
import { meanOf } from '../spread.ts';
import { startStack, type Stack } from '../stack.ts';
import { TimedJobs } from '../waits/timed-jobs.ts';
import { createWays, handWritten, startHandWritten, warmUp, wayNames, type Way, type WayName } from '../waits/ways.ts';
import { historyCharts, historyPage } from './page.ts';

const timeScale = 20;
// In every round each of the jobs takes a little longer than the one before: waits are not all on the same beat.
const parts = [0.35, 0.5, 0.65];

/** A namespace for each way: the server counts its Actions by namespace. */
const namespaceOf = (way: WayName) => `bench-${String(wayNames.indexOf(way))}`;

interface Measured {
  events: number;
  actions: Record<string, number>;
  calls: number;
}

/** Waits for jobs of these times in one way, and gives what a job came to in the mean. */
async function measure(
  stack: Stack,
  jobs: TimedJobs,
  { way, begin }: { way: WayName; begin: Way },
  waited: readonly Parameters<Way>[0][],
): Promise<Measured> {
  const namespace = namespaceOf(way);
  const client = stack.clientOf(namespace);
  const before = await stack.actionsOf(namespace);
  const begun = await Promise.all(waited.map((job) => begin(job)));
  await Promise.all(begun.map(({ ended }) => ended));
  const after = await stack.actionsOf(namespace);
  const lengths = await Promise.all(
    begun.map(async ({ workflowId }) => (await client.workflow.getHandle(workflowId).describe()).historyLength),
  );
  const seen = await Promise.all(begun.map(({ jobId }) => jobs.seen(jobId)));
  const actions = Object.entries(after).map(
    ([kind, sum]) => [kind, (sum - (before[kind] ?? 0)) / waited.length] as const,
  );
  return {
    events: meanOf(lengths),
    actions: Object.fromEntries(actions.filter(([, mean]) => mean > 0)),
    calls: meanOf(seen.map(({ calls }) => calls)),
  };
}

async function run(context: BenchContext): Promise<BenchResult> {
  const { isQuick, folder, say } = context;
  const [rounds, kindsOfRun] = isQuick ? [1, kinds.slice(0, 2)] : [3, kinds];
  const stack = await startStack(context, { namespaces: wayNames.map(namespaceOf), timeScale });
  try {
    for (const way of wayNames) if (way.startsWith('ours')) await stack.startOurWorker(namespaceOf(way));
    await startHandWritten(stack, handWritten.map(namespaceOf));
    const jobs = new TimedJobs(stack, timeScale);
    const ways = await createWays({ stack, jobs, timeScale, folder, namespaceOf });
    say('warming up');
    await warmUp(ways, wayNames);
    const book = new FigureBook();
    for (let round = 0; round < rounds; round += 1) {
      for (const { title, law, minutes } of kindsOfRun) {
        say(`round ${String(round + 1)} of ${String(rounds)}: ${title}`);
        const waited = parts.map((part) => ({ law, minutes, durationMs: law.quantile(part) }));
        const measured = await Promise.all(
          wayNames.map(async (way) => ({ way, ...(await measure(stack, jobs, { way, begin: ways[way] }, waited)) })),
        );
        for (const { way, events, actions, calls } of measured) {
          const under = { jobs: title };
          const sum = Object.values(actions).reduce((all, one) => all + one, 0);
          book.add({ contender: way, under, measure: 'status calls', unit: '' }, calls);
          book.add({ contender: way, under, measure: 'history events', unit: '' }, events);
          book.add({ contender: way, under, measure: 'Actions', unit: '' }, sum);
          for (const [kind, mean] of Object.entries(actions)) {
            book.add({ contender: way, under, measure: `Actions: ${kind}`, unit: '' }, mean);
          }
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

/** What a wait costs at Temporal: events in its history, and Actions that a cloud would bill. */
export const history: Benchmark = {
  name: 'history',
  title: 'History events and Actions for a job',
  run,
  page: historyPage,
  charts: historyCharts,
};
