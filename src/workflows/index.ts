export { ingest } from './ingest.ts';
export { mediaPipeline } from './media-pipeline.ts';
export { slngTranscription } from './slng-transcription.ts';
export { soketTranscription } from './soket-transcription.ts';
export { tiroTranscription } from './tiro-transcription.ts';
export { trackJob } from './track-job.ts';
export { twelvelabsUpload } from './twelvelabs-upload.ts';
