// How others wait for a job, each by the code of its package, with one call replaced by a look at a virtual job.
import { createWaitStrategy } from '@aws/durable-execution-sdk-js';
import { createWaiter, waiterServiceDefaults, WaiterState } from '@smithy/core/client';
import { AssemblyAI } from 'assemblyai';
import { createDefaultBackoffSettings, operation } from 'google-gax';
import OpenAI from 'openai';
import { TwelveLabs } from 'twelvelabs-js';

/** Looks at a job once; true when it has ended. */
export type Look = () => boolean;

/** Waits for one job from its start, in the time of the global clock, until a look has seen its end. */
export type Waiter = (look: Look) => Promise<void>;

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Waits by a table: `nextDelayMs` is asked before each look with the time since the job's start and the looks so far. */
export function planned(nextDelayMs: (elapsedMs: number, looks: number) => number): Waiter {
  return async (look) => {
    const startedAt = Date.now();
    for (let looks = 0; ; looks += 1) {
      await sleep(nextDelayMs(Date.now() - startedAt, looks));
      if (look()) return;
    }
  };
}

/** `tasks.waitForDone` of twelvelabs-js. */
export const twelvelabsJs: Waiter = async (look) => {
  const client = new TwelveLabs({ apiKey: 'none' });
  const retrieve = () => Promise.resolve({ status: look() ? 'ready' : 'indexing' });
  client.tasks.retrieve = retrieve as unknown as typeof client.tasks.retrieve;
  await client.tasks.waitForDone('task');
};

/** `vectorStores.files.poll` of openai, as its other pollers. */
export const openai: Waiter = async (look) => {
  const client = new OpenAI({ apiKey: 'none' });
  const { files } = client.vectorStores;
  const answer = () =>
    Promise.resolve({ data: { status: look() ? 'completed' : 'in_progress' }, response: { headers: new Headers() } });
  files.retrieve = (() => ({ withResponse: answer })) as unknown as typeof files.retrieve;
  await files.poll('store', 'file');
};

/** `transcripts.waitUntilReady` of assemblyai. */
export const assemblyai: Waiter = async (look) => {
  const { transcripts } = new AssemblyAI({ apiKey: 'none' });
  const get = () => Promise.resolve({ status: look() ? 'completed' : 'processing' });
  transcripts.get = get as unknown as typeof transcripts.get;
  await transcripts.waitUntilReady('transcript');
};

/** `createWaiter`, which every waiter of the AWS SDK for JavaScript is made with. */
export function smithy(delaySeconds: { minDelay: number; maxDelay: number } = waiterServiceDefaults): Waiter {
  return async (look) => {
    const check = () => Promise.resolve({ state: look() ? WaiterState.SUCCESS : WaiterState.RETRY });
    await createWaiter({ client: null, maxWaitTime: 86_400, ...delaySeconds }, null, check);
  };
}

/** `Operation.promise` of google-gax, the long-running operations of Google Cloud's clients. */
export const gax: Waiter = async (look) => {
  const answer = () => {
    const done = look();
    return { name: 'operation', done, ...(done ? { response: { value: Buffer.alloc(0) } } : {}) };
  };
  const operationsClient = { getOperationInternal: () => Promise.resolve([answer()]) };
  const descriptor = { operationsClient, responseDecoder: () => ({ done: true }) };
  const begun = { name: 'operation', done: false };
  type Begin = Parameters<typeof operation>;
  await operation(
    begun as unknown as Begin[0],
    descriptor as unknown as Begin[1],
    createDefaultBackoffSettings(),
  ).promise();
};

/** The wait strategy of AWS Lambda durable functions' `waitForCondition`, as it is without any option. */
export const lambdaDurable: Waiter = async (look) => {
  const strategy = createWaitStrategy<boolean>({ shouldContinuePolling: (isDone) => !isDone });
  for (let attempts = 1; ; attempts += 1) {
    const decision = strategy(look(), attempts);
    if (!decision.shouldContinue) return;
    const { seconds = 0 } = decision.delay as { seconds?: number };
    await sleep(seconds * 1000);
  }
};

/** A retry policy of Temporal's. */
export interface RetryPolicy {
  initialMs: number;
  coefficient: number;
  maximumMs: number;
}

/** An activity that throws until the job has ended, retried by the server, which takes no chances: there is no jitter. */
export function retried({ initialMs, coefficient, maximumMs }: RetryPolicy): Waiter {
  return planned((_elapsedMs, looks) =>
    looks === 0 ? 0 : Math.min(maximumMs, initialMs * coefficient ** (looks - 1)),
  );
}

// https://docs.temporal.io/encyclopedia/retry-policies#default-values-for-retry-policy
export const temporalDefault: RetryPolicy = { initialMs: 1000, coefficient: 2, maximumMs: 100_000 };

// Of the sample `polling/infrequent` in Temporal's sample repositories.
export const infrequentRecipe: RetryPolicy = { initialMs: 60_000, coefficient: 1, maximumMs: 60_000 };
