import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { optionalTsToDate, optionalTsToMs } from '@temporalio/common/lib/time.js';
import pLimit from 'p-limit';
import { readPendingActivity } from '../client/pending-activity.ts';
import { deadlineOfTimeoutMs, waitMarginMs } from '../contract/deadlines.ts';
import { providerNameAttribute } from '../contract/search-attributes.ts';
import type { ProviderName } from '../providers/registry.ts';
import type { OpenJobs } from './meters.ts';

/** Whose open jobs are looked at. */
interface OpenJobsOf {
  client: Client;
  /** Of workflows, which keeps environments on one namespace apart. */
  taskQueue: string;
  provider: ProviderName;
}

// Those are described one by one; whether there are more of them changes no alarm.
const mostDescribed = 50;
const describedAtOnce = 4;
const oldestDays = 62;
// Down to the millisecond.
const bisections = 34;

const whichOpen = ({ taskQueue, provider }: OpenJobsOf) =>
  `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running' AND ${providerNameAttribute.name} = '${provider}'`;

/** Until when the open jobs have begun that are to be looked at closely: a list is never in an order that can be asked for. */
async function findBound(count: (byMs: number) => Promise<number>): Promise<number> {
  let [fewMs, manyMs] = [Date.now() - oldestDays * 86_400_000, Date.now()];
  for (let step = 0; step < bisections; step += 1) {
    const middleMs = Math.floor((fewMs + manyMs) / 2);
    const found = await count(middleMs);
    if (found > mostDescribed) manyMs = middleMs;
    else if (found > 0) return middleMs;
    else fewMs = middleMs;
  }
  return manyMs;
}

function deadlineMs({ raw, startTime }: WorkflowExecutionDescription): number | null {
  const wait = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'fetchJobStatus');
  const endsAt = optionalTsToDate(wait?.expirationTime);
  if (endsAt !== undefined) return endsAt.getTime() - waitMarginMs;
  const givenMs = deadlineOfTimeoutMs(optionalTsToMs(raw.executionConfig?.workflowExecutionTimeout) ?? 0);
  return givenMs === null ? null : startTime.getTime() + givenMs;
}

async function isBeyond(client: Client, { workflowId, runId }: { workflowId: string; runId: string }) {
  const description = await client.workflow.getHandle(workflowId, runId).describe();
  const pending = await readPendingActivity(client, description);
  const endsAtMs = deadlineMs(description);
  return { learned: pending?.wait?.isLate === true, deadline: endsAtMs !== null && endsAtMs < Date.now() };
}

/**
 * Asks Temporal for the open jobs of a provider: it is the only one that knows of them all, whichever worker saw them last
 * and whether any does. How many there are is counted; the oldest are described.
 */
export async function findOpenJobs(of: OpenJobsOf): Promise<OpenJobs> {
  const { workflow } = of.client;
  const query = whichOpen(of);
  const { count: open } = await workflow.count(query);
  const byTime = (byMs: number) => `${query} AND StartTime <= '${new Date(byMs).toISOString()}'`;
  const bounded =
    open > mostDescribed ? byTime(await findBound(async (byMs) => (await workflow.count(byTime(byMs))).count)) : query;
  const oldest: { workflowId: string; runId: string; startedAtMs: number }[] = [];
  for await (const { workflowId, runId, startTime } of workflow.list({ query: bounded, pageSize: mostDescribed })) {
    if (oldest.push({ workflowId, runId, startedAtMs: startTime.getTime() }) >= mostDescribed) break;
  }
  const beyond = await pLimit(describedAtOnce).map(oldest, (run) =>
    // One that is gone by now is beyond nothing.
    isBeyond(of.client, run).catch(() => ({ learned: false, deadline: false })),
  );
  const startedAtMs = Math.min(...oldest.map((run) => run.startedAtMs));
  return {
    open,
    oldestSeconds: oldest.length === 0 ? 0 : Math.max(0, Date.now() - startedAtMs) / 1000,
    beyond: {
      learned: beyond.filter(({ learned }) => learned).length,
      deadline: beyond.filter(({ deadline }) => deadline).length,
    },
  };
}
