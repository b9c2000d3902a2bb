import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { providerJobIdAttribute } from '../../contract/search-attributes.ts';
import { parseWorkflowId } from '../../contract/workflow-ids.ts';
import type { Making, Provider } from '../../providers/provider.ts';
import { isProviderName, type ProviderName, providers } from '../../providers/registry.ts';
import { describeLatest, isOpen, readFailureType } from '../run-end.ts';
import { type EventId, findResetPoint, readActivities, type RecordedActivity } from './reset-point.ts';

/** How a job that ended badly would go on. */
export interface ResumePlan {
  workflowId: string;
  /** The run that ended. */
  runId: string;
  provider: ProviderName;
  jobId: string | null;
  /** A failure type, `Cancelled`, `Terminated` or `TimedOut`. */
  endedAs: string;
  /** The activity that is done again first; `null` where the run goes on with an answer that it had not yet heard. */
  from: string | null;
  /** What is made at the provider from there on, in order; empty where all of it is there. */
  makes: string[];
  /** Those of them that may be there already, and are then made a second time. */
  again: string[];
  warnings: string[];
}

/** Why a job is not resumed, and what to do instead. */
export interface Refusal {
  why: string;
  /** Set where it is for what the provider may have already and would be paid for again. */
  mayBePaidTwice?: true;
}

type Plan = { plan: ResumePlan; eventId: EventId } | Refusal;

function makingsOf(name: ProviderName): readonly Making[] {
  const provider: Provider = providers[name];
  return provider.lifecycle?.makes ?? [];
}

/** What the run has still to make, and what of it may be there already. */
function toMake(
  workflowId: string,
  provider: ProviderName,
  kept: readonly RecordedActivity[],
  redone: RecordedActivity | null,
) {
  const isMade = (name: string) => kept.some((each) => each.name === name && each.end?.as === 'completed');
  const isTrack = parseWorkflowId(workflowId)?.kind === 'track';
  // What comes before something that was made was made, or was not needed, as an upload of what SLNG reads itself.
  const makings = makingsOf(provider);
  const makes = isTrack ? [] : makings.slice(makings.findLastIndex(({ activity }) => isMade(activity)) + 1);
  // A paid one is made only once its failure says that it was not: only an attempt that was cut off leaves that open.
  const isLost = ({ isFoundAgain, isPaid }: Making) =>
    isFoundAgain !== true && (isPaid !== true || redone?.end?.as !== 'failed');
  return { makes, again: makes.filter((making) => making.activity === redone?.name && isLost(making)) };
}

async function findWarnings(client: Client, { parentExecution }: WorkflowExecutionDescription): Promise<string[]> {
  const id = parentExecution?.workflowId;
  if (id == null) return [];
  const parent = await describeLatest(client, id);
  if (parent === null) return [];
  const goesOn = `its parent ${id} runs and has counted this job as failed: it hears of the new end by its notice only`;
  const isOver = `its parent ${id} has ended without it: \`provider-jobs again ${id}\` takes this job's new end`;
  return [isOpen(parent) ? goesOn : isOver];
}

const cleanedUp =
  'what it had at the provider was taken back when it was cancelled: start it anew, its key is not spent';
const invalidInput = 'its input is not valid: start it with a correct one, its key is not spent';

/** How a run that ended badly would go on; or why it does not. */
export async function planResume(
  client: Client,
  description: WorkflowExecutionDescription,
  { force = false }: { force?: boolean | undefined },
): Promise<Plan> {
  const { workflowId, runId, memo, typedSearchAttributes } = description;
  const parsed = parseWorkflowId(workflowId);
  if (parsed === null || parsed.kind === 'pipeline' || !isProviderName(parsed.provider)) return { why: 'not a job' };
  const { provider } = parsed;
  const failureType = await readFailureType(client, description);
  if (failureType === 'InvalidInput') return { why: invalidInput };
  if (memo?.['cleanup'] === 'cancelled') return { why: cleanedUp };
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const point = findResetPoint(events ?? [], failureType);
  if (point === null) return { why: 'it ended before it began: start it anew, its key is not spent' };
  const kept = readActivities(events ?? []).filter(({ end }) => end !== undefined && end.id < Number(point.eventId));
  const { makes, again } = toMake(workflowId, provider, kept, point.activity);
  const paid = again.find(({ isPaid }) => isPaid === true);
  if (paid !== undefined && !force) {
    const { title } = providers[provider];
    const command = `\`provider-jobs resume ${workflowId} --force\``;
    return {
      why: `${title} may have its ${paid.what} already, and a second one is paid for: look there, then ${command}`,
      mayBePaidTwice: true,
    };
  }
  const plan: ResumePlan = {
    ...{ workflowId, runId, provider, endedAs: failureType ?? description.status.name },
    from: point.activity?.name ?? null,
    jobId: typedSearchAttributes.get(providerJobIdAttribute) ?? null,
    makes: makes.map(({ what }) => what),
    again: again.map(({ what }) => what),
    warnings: await findWarnings(client, description),
  };
  return { plan, eventId: point.eventId };
}
