import type { JobResult } from '../contract/job.ts';
import type { StoredPipelineOutcome } from '../contract/pipeline.ts';
import type { ActivityDependencies } from './activity-dependencies.ts';
import { patiently } from './patience/patiently.ts';

/** The file that says how a job or pipeline ended; of a pipeline also that it is done. */
export const outcomeName = 'outcome.json';

/** Whose a job is at its provider, for those who find its outcome later. */
export interface JobOrigin {
  /** What the job made bears it, where the provider has a place for it. */
  marker: string;
  /** The alias of the key that it was made with. */
  credential: string;
}

/** How a job or pipeline ended, and where to write it down. */
export interface StoreOutcomeInput {
  /** The workflow's folder in the result store. */
  folder: string;
  outcome: JobResult | StoredPipelineOutcome;
  /** Of a lifecycle; older workflow code gives none. */
  origin?: JobOrigin | undefined;
}

/** Makes the activity that writes `outcome.json`, beside a job's artifacts as the last of them, and gives its URI. */
export function createStoreOutcome({ results, ...pace }: ActivityDependencies) {
  return patiently(
    pace,
    'exists',
    async ({ folder, outcome, origin }: StoreOutcomeInput, { signal }): Promise<string> => {
      const content = `${JSON.stringify({ ...outcome, origin }, null, 2)}\n`;
      return (await results.write(folder, outcomeName, 'application/json', content, signal)).uri;
    },
  );
}
