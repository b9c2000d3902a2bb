import type { Artifact } from '../../contract/job.ts';
import { readTiroSummary, readTiroTranscript, readTiroTranslation } from '../../providers/tiro/tiro-calls.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { patiently } from '../patience/patiently.ts';

/** A job whose results are wanted. */
export interface CollectTiroResultsInput {
  jobId: string;
  /** The folder in the result store. */
  folder: string;
  translationLocales: string[];
  credential?: string | undefined;
}

/** Makes the activity that writes transcript, summary, and each translation with its summary to the result store. */
export function createCollectTiroResults({ connect, results, ...pace }: ActivityDependencies) {
  return patiently(pace, 'exists', async (input: CollectTiroResultsInput, { signal }): Promise<Artifact[]> => {
    const { jobId, folder, translationLocales, credential } = input;
    const connection = await connect('tiro', credential);
    const write = (name: string, mediaType: string, content: string) =>
      results.write(folder, name, mediaType, content, signal);
    const writeJson = (name: string, value: unknown) =>
      write(name, 'application/json', `${JSON.stringify(value, null, 2)}\n`);
    const summary = async (locale: string | null) =>
      (await readTiroSummary(connection, jobId, locale, signal)).summary.content;
    const transcript = await readTiroTranscript(connection, jobId, signal);
    const artifacts = [
      await writeJson('transcript.json', transcript),
      await write('transcript.txt', 'text/plain', `${transcript.text ?? ''}\n`),
      await write('summary.md', 'text/markdown', await summary(null)),
    ];
    for (const locale of translationLocales) {
      const translation = await readTiroTranslation(connection, jobId, locale, signal);
      artifacts.push(await writeJson(`translation.${locale}.json`, translation));
      artifacts.push(await write(`summary.${locale}.md`, 'text/markdown', await summary(locale)));
    }
    return artifacts;
  });
}
