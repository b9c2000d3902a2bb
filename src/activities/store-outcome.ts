import type { JobResult } from '../contract/job.ts';
import type { ActivityDependencies } from './activity-dependencies.ts';
import { patiently } from './patience/patiently.ts';

/** How a job ended, and where to write it down. */
export interface StoreOutcomeInput {
  /** The job's folder in the result store. */
  folder: string;
  outcome: JobResult;
}

/** Makes the activity that writes `outcome.json` beside the job's artifacts and gives its URI; the last that is written. */
export function createStoreOutcome({ results, ...pace }: ActivityDependencies) {
  return patiently(pace, 'exists', async ({ folder, outcome }: StoreOutcomeInput, { signal }): Promise<string> => {
    const content = `${JSON.stringify(outcome, null, 2)}\n`;
    return (await results.write(folder, 'outcome.json', 'application/json', content, signal)).uri;
  });
}
