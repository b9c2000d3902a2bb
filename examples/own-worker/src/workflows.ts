import { setCurrentDetails, setHandler } from '@temporalio/workflow';
import { jobFinished, type JobNotice, startJob } from 'provider-jobs/workflow-api';

export interface CaptionedTalk {
  phase: string;
  /** What the job told of its end: its phase. */
  heard: string | null;
  captions: string | null;
}

/** Has a talk transcribed and finds its captions. */
export async function captionTalk(source: string): Promise<CaptionedTalk> {
  const notices: JobNotice[] = [];
  setHandler(jobFinished, (notice) => {
    notices.push(notice);
    setCurrentDetails(`The transcript: ${notice.phase ?? 'unknown'}`);
  });
  const job = await startJob('tiro', { source });
  const { phase, artifacts } = await job.result();
  const captions = artifacts.find(({ name }) => name === 'transcript.vtt');
  const notice = notices.find(({ workflowId }) => workflowId === job.workflowId);
  return { phase, heard: notice?.phase ?? null, captions: captions?.uri ?? null };
}
