import type { Cleaning } from '../providers/cleaning.ts';
import { type ProviderName, providerNames } from '../providers/registry.ts';
import type { ActivityDependencies } from './activity-dependencies.ts';
import { type BeginJob, createFetchJobStatus } from './wait/fetch-job-status.ts';
import { createRemoveStoredJobs } from './cleaning/retention.ts';
import { createSweepProvider } from './cleaning/sweep.ts';
import { createExistingJobActivities } from './existing-job.ts';
import { createIngestActivities } from './ingest/ingest.ts';
import { createInspectSource } from './inspect-source.ts';
import { createSlngActivities } from './slng/slng.ts';
import { createSoketActivities } from './soket/soket.ts';
import { createTiroActivities } from './tiro/tiro.ts';
import { createStoreOutcome } from './store-outcome.ts';
import { createTwelveLabsActivities } from './twelvelabs/twelvelabs.ts';

/** A set of activities by name, each made by `patiently`. */
export type Activities = Record<string, (...input: never[]) => Promise<unknown>>;

/** What a provider with a lifecycle needs done, by the queue that it runs on. */
interface ProviderActivities {
  calls: Activities;
  transfers: Activities;
  /** Begins a job in the first attempt of its wait. */
  beginJob?: BeginJob;
  /** How what it makes is removed again. */
  cleaning?: Cleaning;
}

const nothing: ProviderActivities = { calls: {}, transfers: {} };

const lifecycleActivities: Partial<Record<ProviderName, (dependencies: ActivityDependencies) => ProviderActivities>> = {
  soket: createSoketActivities,
  tiro: createTiroActivities,
  twelvelabs: createTwelveLabsActivities,
  slng: createSlngActivities,
};

/** Every activity, by the task queue that serves it. */
export interface AllActivities {
  /** Of no provider. */
  main: Activities;
  providers: Record<ProviderName, Pick<ProviderActivities, 'calls' | 'transfers'>>;
}

/** Builds every activity over its dependencies; the worker registers those of its roles. */
export function createActivities(dependencies: ActivityDependencies): AllActivities {
  const ofProvider = (name: ProviderName): AllActivities['providers'][ProviderName] => {
    const own: ProviderActivities = lifecycleActivities[name]?.(dependencies) ?? nothing;
    const { calls, transfers, beginJob, cleaning } = own;
    return {
      calls: {
        ...calls,
        fetchJobStatus: createFetchJobStatus(dependencies, beginJob),
        sweepProvider: createSweepProvider(dependencies, name, cleaning),
      },
      // Served by who sees the result store; of a provider that is only tracked nobody serves them.
      transfers:
        own === nothing
          ? transfers
          : { ...transfers, removeStoredJobs: createRemoveStoredJobs(dependencies, name, cleaning) },
    };
  };
  return {
    main: {
      inspectSource: createInspectSource(dependencies),
      storeOutcome: createStoreOutcome(dependencies),
      ...createExistingJobActivities(dependencies),
      ...createIngestActivities(dependencies),
    },
    providers: Object.fromEntries(providerNames.map((name) => [name, ofProvider(name)])) as AllActivities['providers'],
  };
}

/** The activities that clean, by the names that every provider's queues have them under. */
export interface CleaningActivities {
  sweepProvider: ReturnType<typeof createSweepProvider>;
  removeStoredJobs: ReturnType<typeof createRemoveStoredJobs>;
}
