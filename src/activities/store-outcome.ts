import type { JobResult } from '../contract/job.ts';
import type { StoredPipelineOutcome } from '../contract/pipeline.ts';
import type { ActivityDependencies } from './activity-dependencies.ts';
import { patiently } from './patience/patiently.ts';

/** The file that says how a job or pipeline ended; of a pipeline also that it is done. */
export const outcomeName = 'outcome.json';

/** How a job or pipeline ended, and where to write it down. */
export interface StoreOutcomeInput {
  /** The workflow's folder in the result store. */
  folder: string;
  outcome: JobResult | StoredPipelineOutcome;
}

/** Makes the activity that writes `outcome.json`, beside a job's artifacts as the last of them, and gives its URI. */
export function createStoreOutcome({ results, ...pace }: ActivityDependencies) {
  return patiently(pace, 'exists', async ({ folder, outcome }: StoreOutcomeInput, { signal }): Promise<string> => {
    const content = `${JSON.stringify(outcome, null, 2)}\n`;
    return (await results.write(folder, outcomeName, 'application/json', content, signal)).uri;
  });
}
