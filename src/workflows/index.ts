export { mediaPipeline } from './media-pipeline.ts';
export { slngTranscription } from './slng-transcription.ts';
export { tiroTranscription } from './tiro-transcription.ts';
export { trackJob } from './track-job.ts';
