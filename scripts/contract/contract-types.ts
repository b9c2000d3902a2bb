import type { CleaningResult, RetentionInput, SweepInput } from '../../src/contract/cleaning.ts';
import type { IngestInput, IngestResult } from '../../src/contract/ingest.ts';
import type { JobFailureDetails, JobNotice, JobOutcome, JobResult, TrackJobInput } from '../../src/contract/job.ts';
import type { JobState } from '../../src/contract/messages.ts';
import type {
  MediaPipelineInput,
  PipelineNotice,
  PipelineOutcome,
  PipelineSteps,
} from '../../src/contract/pipeline.ts';
import type { LifecycleInputs } from '../../src/providers/lifecycle-inputs.ts';
import type { ScheduleFile } from '../../src/schedules/schedule-file.ts';

/** The types whose documentation goes into the schemas, by the schema's name. */
export interface ContractTypes {
  'soketTranscription.input': LifecycleInputs['soket'];
  'twelvelabsUpload.input': LifecycleInputs['twelvelabs'];
  'tiroTranscription.input': LifecycleInputs['tiro'];
  'slngTranscription.input': LifecycleInputs['slng'];
  'trackJob.input': TrackJobInput;
  'mediaPipeline.input': MediaPipelineInput;
  'ingest.input': IngestInput;
  'sweep.input': SweepInput;
  'retention.input': RetentionInput;
  'job-outcome': JobOutcome;
  'job-result': JobResult;
  'job-notice': JobNotice;
  'job-failure': JobFailureDetails;
  'job-snapshot': JobState;
  'pipeline-outcome': PipelineOutcome;
  'pipeline-notice': PipelineNotice;
  'pipeline-steps': PipelineSteps;
  'ingest-result': IngestResult;
  'cleaning-result': CleaningResult;
  schedules: ScheduleFile;
}
