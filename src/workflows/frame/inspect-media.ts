import { ApplicationFailure } from '@temporalio/workflow';
import type { createInspectSource, InspectSourceResult } from '../../activities/inspect-source.ts';
import type { FailureType } from '../../contract/failures.ts';
import type { ProcessingTime } from '../../polling/poll-plan.ts';
import type { SourceDescription } from '../../upload/media-source.ts';
import { readFailureFacts } from './failure-facts.ts';
import type { LifecycleRun } from './lifecycle-run.ts';

type InspectActivities = { inspectSource: ReturnType<typeof createInspectSource> };

/** What the first step found out. */
export interface InspectedMedia {
  /** The only file, or the first of several. */
  source: SourceDescription;
  sources: SourceDescription[];
  processingTime: ProcessingTime | null;
}

async function inspect(run: LifecycleRun, input: unknown): Promise<InspectSourceResult> {
  const { inspectSource } = run.activities<InspectActivities>('read', 'main', run.stage);
  try {
    return await inspectSource({ provider: run.provider, input });
  } catch (error) {
    const facts = readFailureFacts(error);
    if (facts?.type !== 'DeadlineExceeded') throw error;
    const type: FailureType = facts.type;
    throw ApplicationFailure.nonRetryable(`The source could not be read. ${facts.message}`, type);
  }
}

/** Checks the input and looks at the media before any provider is called; learns the run's default deadline. */
export async function inspectMedia(run: LifecycleRun, input: unknown): Promise<InspectedMedia> {
  run.say('Check the input and look at the media');
  const { sources, deadlineMs, processingTime } = await inspect(run, input);
  run.deadline.defaultMs = deadlineMs;
  run.media = sources.map(({ fileName: name, sizeBytes, mediaType, durationSeconds }) => {
    return { name, sizeBytes, mediaType, durationSeconds };
  });
  const [source] = sources;
  if (source === undefined) throw ApplicationFailure.nonRetryable('source: expected at least one', 'InvalidInput');
  return { source, sources, processingTime };
}
