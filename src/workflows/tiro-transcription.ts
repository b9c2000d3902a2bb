import type { TiroActivities } from '../activities/tiro/tiro.ts';
import type { JobOutcome } from '../contract/job.ts';
import type { LifecycleInputs } from '../providers/lifecycle-inputs.ts';
import { collectTiro } from './collects.ts';
import { awaitEnd } from './frame/await-end.ts';
import { throwIfCancelled } from './frame/commit.ts';
import { inspectMedia } from './frame/inspect-media.ts';
import { runLifecycle } from './frame/lifecycle.ts';

/** From a voice file to its transcript, translations and summaries at Tiro. */
export async function tiroTranscription(input: LifecycleInputs['tiro']): Promise<JobOutcome> {
  const { credential, transcriptLocaleHints, translationLocales = [], workspaceGuid } = input;
  return runLifecycle({ provider: 'tiro', resource: 'voice-file-job', input }, async (run) => {
    const { source, processingTime } = await inspectMedia(run, input);

    run.say(`Create the job and upload ${source.fileName}`);
    const { uploadTiroFile } = run.activities<TiroActivities['transfers']>('transfer', 'transfers', run.stage);
    const options = { transcriptLocaleHints, translationLocales, workspaceGuid };
    const { jobId, abandoned } = await uploadTiroFile({ source, options, credential });
    run.ids = { id: jobId, ...(abandoned.length === 0 ? {} : { abandoned: abandoned.join(' ') }) };
    run.created('voice-file-job', jobId, 'awaiting-upload');
    throwIfCancelled();

    if (!run.isVersion4) {
      run.say('Tell Tiro that the file is there');
      const { completeTiroUpload } = run.activities<TiroActivities['calls']>('submit', 'calls', run.stage);
      await completeTiroUpload({ jobId, credential });
    }

    const { snapshot } = await awaitEnd(run, {
      // Tiro begins once it is told that the file is there; that it is told by the wait saves a turn of its rate.
      begins: true,
      resource: 'voice-file-job',
      id: jobId,
      processingTime,
      startedAtMs: Date.now(),
      summary: 'Wait for Tiro to transcribe',
    });
    if (snapshot.phase !== 'succeeded') return { snapshot };

    await collectTiro(run, jobId, translationLocales);
    return { snapshot };
  });
}
