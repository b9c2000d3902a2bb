import type { Artifact, Collected } from '../../contract/job.ts';
import { ProviderError } from '../../providers/connection/provider-error.ts';
import { readTiroSummary, readTiroTranscript, readTiroTranslation } from '../../providers/tiro/tiro-calls.ts';
import { readTiroText } from '../../providers/tiro/tiro-transcript.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { collecting, type CollectInput } from '../collecting.ts';

/** A job whose results are wanted. */
export interface CollectTiroResultsInput extends CollectInput {
  jobId: string;
  translationLocales: string[];
  /** Workflows of 0.1 do not ask, and understand the list of artifacts alone. */
  tellsMissing?: true;
}

/** Makes the activity that stores the transcript, and then summary, translations and theirs as far as there are any. */
export function createCollectTiroResults(dependencies: ActivityDependencies) {
  const collect = collecting(
    dependencies,
    'tiro',
    async (connection, input: CollectTiroResultsInput, shelf, signal) => {
      const { jobId, translationLocales } = input;
      const putSummary = (name: string, locale: string | null) =>
        shelf.putOptional(name, async () => {
          await shelf.put(name, await readTiroSummary(connection, jobId, locale, signal));
        });
      const transcript = await readTiroTranscript(connection, jobId, signal);
      const said = readTiroText(transcript);
      await shelf.putOptional('transcript.txt', () => {
        const words = 'it has neither a text nor a segment';
        const error = { kind: 'unexpected-response', operation: 'read the Tiro transcript', words } as const;
        return said.text === null ? Promise.reject(new ProviderError(error)) : Promise.resolve();
      });
      await shelf.putJson('transcript.json', transcript);
      await shelf.putTranscript('transcript', said);
      await putSummary('summary.md', null);
      for (const locale of translationLocales) {
        const name = `translation.${locale}.json`;
        await shelf.putOptional(name, async () => {
          await shelf.putJson(name, await readTiroTranslation(connection, jobId, locale, signal));
        });
        await putSummary(`summary.${locale}.md`, locale);
      }
      return {};
    },
  );
  return async (input: CollectTiroResultsInput): Promise<Collected | Artifact[]> => {
    const collected = await collect(input);
    return input.tellsMissing === true ? collected : collected.artifacts;
  };
}
