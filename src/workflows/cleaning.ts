import { ApplicationFailure } from '@temporalio/common';
import { type ActivityOptions, proxyActivities, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { CleaningActivities } from '../activities/create-activities.ts';
import {
  type CleanedPart,
  type CleaningKind,
  type CleaningResult,
  type CleaningTally,
  emptyCleaning,
  type RetentionInput,
  type SweepInput,
} from '../contract/cleaning.ts';
import { callsTaskQueue, collectsTaskQueue } from '../contract/task-queues.ts';
import type { ProviderName } from '../providers/registry.ts';
import { activityClasses } from './frame/activity-classes.ts';
import { throwIfCancelled } from './frame/commit.ts';
import { readFailureFacts } from './frame/failure-facts.ts';

const longestMs = 12 * 3_600_000;
// So that what was done is told before the server ends the workflow.
const marginMs = 10_000;

function optionsOf(taskQueue: string, summary: string): ActivityOptions {
  const { executionExpirationTime } = workflowInfo();
  const leftMs =
    executionExpirationTime === undefined ? longestMs : executionExpirationTime.getTime() - Date.now() - marginMs;
  return {
    // It asks for page after page and takes the time of a transfer.
    ...activityClasses.collect,
    scheduleToCloseTimeout: Math.max(1000, Math.min(longestMs, leftMs)),
    taskQueue,
    summary,
    allowEagerDispatch: false,
  };
}

type Account = Pick<CleanedPart, 'provider' | 'credential'>;

/** Cleans one account; what is in the way of it is told with the others' results. */
async function cleanOne(account: Account, clean: () => Promise<CleaningTally>): Promise<CleanedPart> {
  try {
    return { ...account, ...(await clean()), failure: null };
  } catch (error) {
    throwIfCancelled();
    const facts = readFailureFacts(error);
    if (facts === null) throw error;
    return { ...account, ...emptyCleaning(), failure: { type: facts.type, message: facts.message } };
  }
}

function describe(kind: CleaningKind, { deletes, parts }: CleaningResult): string {
  const lines = parts.map(({ provider, credential, counts, bytes, failure }) => {
    const account = credential === null || credential === 'default' ? provider : `${provider} (${credential})`;
    if (failure !== null) return `- ${account}: **${failure.type}** ${failure.message}`;
    const met = Object.entries(counts).filter(([, count]) => count > 0);
    const words = met.map(([fate, count]) => `${String(count)} ${fate}`).join(', ');
    return `- ${account}: ${words || 'nothing met'}; ${String(bytes)} bytes`;
  });
  return [`**${kind}**${deletes ? '' : ', a dry run'}`, '', ...lines].join('\n');
}

/** Tells what the parts came to: as the result, or where one failed, in the details of the failure. */
function end(kind: CleaningKind, result: CleaningResult): CleaningResult {
  setCurrentDetails(describe(kind, result));
  const failed = result.parts.flatMap(({ provider, failure }) => (failure === null ? [] : [{ provider, ...failure }]));
  const [first] = failed;
  if (first === undefined) return result;
  const message = failed.map(({ provider, message: words }) => `${provider}: ${words}`).join('; ');
  throw ApplicationFailure.nonRetryable(message.slice(0, 2000), first.type, result);
}

const doing = (deletes: boolean) => (deletes ? 'Remove' : 'Look for');

/** Removes what lost jobs left behind at providers; without `delete` it says what it would remove. */
export async function sweep(input: SweepInput): Promise<CleaningResult> {
  const { providers, credentials = ['default'], olderThan, delete: deletes = false } = input;
  const { taskQueue } = workflowInfo();
  const accounts = providers.flatMap((provider) => credentials.map((credential) => ({ provider, credential })));
  const parts = await Promise.all(
    accounts.map((account) =>
      cleanOne(account, () => {
        const summary = `${doing(deletes)} what lost jobs left at ${account.provider}`;
        const options = optionsOf(callsTaskQueue(taskQueue, account.provider), summary);
        const { sweepProvider } = proxyActivities<CleaningActivities>(options);
        return sweepProvider({ ...account, olderThan, delete: deletes });
      }),
    ),
  );
  return end('sweep', { deletes, parts });
}

/** Removes at providers what jobs made that are done and stored; without `delete` it says what it would remove. */
export async function retention(input: RetentionInput): Promise<CleaningResult> {
  const { providers, olderThan, delete: deletes = false } = input;
  const { taskQueue } = workflowInfo();
  const clean = (provider: ProviderName) =>
    cleanOne({ provider, credential: null }, () => {
      const summary = `${doing(deletes)} what is stored and still at ${provider}`;
      const options = optionsOf(collectsTaskQueue(taskQueue, provider), summary);
      const { removeStoredJobs } = proxyActivities<CleaningActivities>(options);
      return removeStoredJobs({ provider, olderThan, delete: deletes });
    });
  return end('retention', { deletes, parts: await Promise.all(providers.map(clean)) });
}
