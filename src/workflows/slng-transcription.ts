import { patched } from '@temporalio/workflow';
import type { SlngActivities } from '../activities/slng/slng.ts';
import type { CreateSlngJobInput } from '../activities/slng/slng-job.ts';
import type { Cleanup, JobOutcome } from '../contract/job.ts';
import type { LifecycleInputs } from '../providers/lifecycle-inputs.ts';
import { collectSlng } from './collects.ts';
import { awaitEnd } from './frame/await-end.ts';
import { commit } from './frame/commit.ts';
import { deleteCollected } from './frame/delete-collected.ts';
import { inspectMedia } from './frame/inspect-media.ts';
import type { LifecycleRun } from './frame/lifecycle-run.ts';
import { runLifecycle } from './frame/lifecycle.ts';

/** From a media file, or the https address of one, to its transcript at SLNG. */
export async function slngTranscription(input: LifecycleInputs['slng']): Promise<JobOutcome> {
  const { credential, transcription_config, model_code, metadata, tracking, output_config } = input;
  const options = { transcription_config, model_code, metadata, tracking, output_config };
  const resource = 'batch-job';
  return runLifecycle({ provider: 'slng', resource, input }, async (run) => {
    const { source, processingTime } = await inspectMedia(run, input);

    // SLNG reads public addresses itself; what only this side can reach is uploaded.
    const isReachable = source.isPublic ?? source.uri.toLowerCase().startsWith('https:');
    const sendAs = input.sendAs ?? (isReachable ? 'address' : 'bytes');
    const { marker } = run;
    const uploaded =
      sendAs === 'address'
        ? null
        : await transfers(run, `Upload ${source.fileName}`).uploadSlngFile({ source, options, marker, credential });

    const { createSlngJob } = calls(run, 'create', 'Create the job');
    const wanted = { source, options, uploaded, marker: run.marker, credential, processingTime };
    run.cleanUp = () => lookForLostJob(run, wanted);
    const { jobId, firstLookInMs } = await commit(
      () => createSlngJob(wanted),
      (made) => {
        run.created(resource, made.jobId, 'queued');
        run.ids = { job_id: made.jobId, ...(uploaded === null ? {} : { s3_key: uploaded.s3Key }) };
        const job = { jobId: made.jobId, credential };
        run.cleanUp = () => calls(run, 'cleanUp', 'Look whether the job has already ended').cancelSlngJob(job);
      },
    );

    const summary = 'Wait for SLNG to transcribe';
    const began = { processingTime, startedAtMs: Date.now(), firstLookInMs };
    const { snapshot } = await awaitEnd(run, { resource, id: jobId, ...began, summary });
    if (snapshot.phase !== 'succeeded') return { snapshot };

    const { lost, isWhole } = await collectSlng(run, jobId);
    if (lost) return { snapshot: lost };

    if (input.deleteAfterCollect !== true) return { snapshot };
    if (isWhole === false && patched('delete-only-whole')) {
      return {
        snapshot: { ...snapshot, message: 'Not deleted at SLNG: not all that it lists could be stored as it is there' },
      };
    }
    const left = await deleteCollected('job', () =>
      calls(run, 'cleanUp', 'Delete the job at SLNG').deleteSlngJob({ jobId, credential }),
    );
    return { snapshot: left === null ? snapshot : { ...snapshot, message: left } };
  });
}

function calls(run: LifecycleRun, activityClass: 'create' | 'cleanUp', summary: string) {
  run.say(summary);
  return run.activities<SlngActivities['calls']>(activityClass, 'calls', summary);
}

function transfers(run: LifecycleRun, summary: string) {
  run.say(summary);
  return run.activities<SlngActivities['transfers']>('transfer', 'transfers', summary);
}

/** After a cancellation between two attempts at the create: one of them may have made the job all the same. */
async function lookForLostJob(run: LifecycleRun, wanted: CreateSlngJobInput): Promise<Cleanup> {
  if (!patched('slng-looks-for-lost-job')) return 'not-supported';
  const { lookForSlngJob } = calls(run, 'cleanUp', 'Look whether a job was made');
  const { jobId, cleanup } = await lookForSlngJob(wanted);
  if (jobId !== null) run.created('batch-job', jobId, 'queued');
  return cleanup;
}
