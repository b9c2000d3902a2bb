import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import type { Artifact, JobNotice, JobOutcome } from '../../src/contract/job.ts';
import { findStrays, mediaOf, type Strays } from '../setup/own-results.ts';
import type { FaultWorld } from './fault-world.ts';
import type { RunCell } from './matrix.ts';
import { readServedResults } from './served-results.ts';
import type { Course } from './stage.ts';

/** What became of one cell. */
export interface CellEnd {
  /** The outcome's phase, or the type of the failure. */
  end: string;
  /** The end as the parents were told it, once each time. */
  notices: string[];
  /** Jobs that were made at the provider. */
  jobs: number;
  /** SHA-256 by artifact name, as the outcome says and as stored. */
  hashes: { said: Record<string, string>; stored: Record<string, string> };
  /** Contents by artifact name, as stored and (of those that are the provider's own) as the simulator serves them. */
  contents: { stored: Record<string, unknown>; served: Record<string, unknown> };
  /** Artifacts of other media than the job's own, or of none. */
  strays: Strays;
  elapsedMs: number;
}

const usualDeadlineMs = 40_000;

/** The latest moment at which a cell must have ended, after its start. */
export const deadlineOf = ({ row, expected }: RunCell): number =>
  // What is given up before has the usual time for that.
  expected.end === 'ProviderUnavailable' ? usualDeadlineMs : (row.deadlineMs ?? usualDeadlineMs);

const nothing = {
  hashes: { said: {}, stored: {} },
  contents: { stored: {}, served: {} },
  strays: { foreign: [], nameless: [] },
};

/** What is written again as JSON may have its fields in another order. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const mapValues = <T, V>(record: Record<string, T>, map: (value: T) => V): Record<string, V> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));

async function readArtifacts(artifacts: readonly Artifact[]): Promise<Record<string, string>> {
  const files = artifacts.map(async ({ name, uri }) => [name, await readFile(fileURLToPath(uri), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(files));
}

function failureOf(error: unknown): string {
  const cause = error instanceof WorkflowFailedError ? error.cause : error;
  return cause instanceof ApplicationFailure ? (cause.type ?? 'no type') : String(cause);
}

async function readNotices(listener: WorkflowHandle): Promise<string[]> {
  const { events } = await listener.fetchHistory();
  return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signaled }) => {
    const payload = signaled?.input?.payloads?.[0];
    if (payload === undefined) return [];
    const { failure, phase } = defaultPayloadConverter.fromPayload<JobNotice>(payload);
    return [failure?.type ?? String(phase)];
  });
}

/** Runs a lifecycle through one cell to its end, and looks at what it left behind. */
export async function runCell(faults: FaultWorld, course: Course, cell: RunCell): Promise<CellEnd> {
  const { world } = faults;
  const { provider, workflowType, options } = course;
  const { simulator, credential, source, neighbours, close } = await faults.open(cell);
  const listenerId = `listener-${credential}`;
  // Nobody works on this queue: signals to the listener stay in its history.
  const lone = { taskQueue: 'nobody', workflowId: listenerId, args: [] };
  const listener = await world.client.workflow.start('listener', lone);
  try {
    if (cell.expected.outlasted === true) {
      setTimeout(
        () => {
          simulator.clearFaults();
        },
        deadlineOf(cell) + 1000,
      );
    }
    const input = { ...options, source, credential, deadline: deadlineOf(cell), notify: [listenerId] };
    const handle = await world.start(workflowType, `provider-job/${provider}/${credential}`, input);
    const result: JobOutcome | string = await handle.result().then((outcome) => outcome as JobOutcome, failureOf);
    // By the server's clock: what this process waits for its own turn is none of the job's time.
    const { startTime, closeTime } = await handle.describe();
    const elapsedMs = Number(closeTime) - startTime.getTime();
    const jobs = simulator.counters().jobsCreated[provider] - neighbours;
    const notices = await readNotices(listener);
    if (typeof result === 'string') return { end: result, notices, jobs, elapsedMs, ...nothing };
    simulator.clearFaults();
    const stored = await readArtifacts(result.artifacts);
    const served = await readServedResults(simulator, provider, result);
    const said = Object.fromEntries(result.artifacts.map(({ name, sha256 }) => [name, sha256]));
    const hashes = { said, stored: mapValues(stored, (text) => createHash('sha256').update(text).digest('hex')) };
    const contents = {
      stored: mapValues(stored, parse),
      served: mapValues(served, parse),
    };
    const strays = await findStrays(result.artifacts, await mediaOf(source));
    return { end: result.phase, notices, jobs, elapsedMs, hashes, contents, strays };
  } finally {
    await listener.terminate();
    await close();
  }
}
