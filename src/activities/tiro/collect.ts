import type { Artifact } from '../../contract/job.ts';
import { readTiroSummary, readTiroTranscript, readTiroTranslation } from '../../providers/tiro/tiro-calls.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { heartbeating } from '../heartbeating.ts';

/** A job whose results are wanted. */
export interface CollectTiroResultsInput {
  jobId: string;
  /** The folder in the result store. */
  folder: string;
  translationLocales: string[];
  credential?: string | undefined;
}

/** Makes the activity that writes transcript, summary, and each translation with its summary to the result store. */
export function createCollectTiroResults({ connect, results }: Pick<ActivityDependencies, 'connect' | 'results'>) {
  return async function collectTiroResults(input: CollectTiroResultsInput): Promise<Artifact[]> {
    const { jobId, folder, translationLocales, credential } = input;
    return heartbeating(null, async (_pulse, signal) => {
      const connection = await connect('tiro', credential);
      const write = (name: string, mediaType: string, content: string) =>
        results.write(folder, name, mediaType, content, signal);
      const writeJson = (name: string, value: unknown) =>
        write(name, 'application/json', `${JSON.stringify(value, null, 2)}\n`);
      const transcript = await readTiroTranscript(connection, jobId, signal);
      const text = typeof transcript['text'] === 'string' ? transcript['text'] : '';
      const artifacts = [
        await writeJson('transcript.json', transcript),
        await write('transcript.txt', 'text/plain', `${text}\n`),
      ];
      const writeSummary = async (name: string, locale: string | null) => {
        const summary = await readTiroSummary(connection, jobId, locale, signal);
        if (summary !== null) artifacts.push(await write(name, 'text/markdown', summary));
      };
      await writeSummary('summary.md', null);
      for (const locale of translationLocales) {
        const translation = await readTiroTranslation(connection, jobId, locale, signal);
        if (translation !== null) artifacts.push(await writeJson(`translation.${locale}.json`, translation));
        await writeSummary(`summary.${locale}.md`, locale);
      }
      return artifacts;
    });
  };
}
