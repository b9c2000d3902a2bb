import { originSentence } from './origin.ts';
import type { Origin } from './origin.ts';

/** What is transcribed. */
export interface Recording extends Origin {
  durationSeconds: number;
}

/** One spoken stretch of a made-up transcript. */
export interface Segment {
  startMs: number;
  endMs: number;
  text: string;
  speaker: string;
}

const sentences = [
  'Good morning, and thank you for joining.',
  'We have three things to talk about today.',
  'The first is the plan for the coming month.',
  'I think we should begin with the smallest step.',
  'That sounds right to me.',
  'Let us meet again on Thursday.',
];
const segmentMs = 5000;
const maxSegments = 200;

/**
 * A made-up transcript, the same each time: one sentence for every five seconds, two speakers in turn. The first stretch
 * also says what the recording is.
 */
export function transcriptSegments(recording: Recording): Segment[] {
  const durationMs = Math.round(recording.durationSeconds * 1000);
  const count = Math.min(maxSegments, Math.max(1, Math.ceil(durationMs / segmentMs)));
  return Array.from({ length: count }, (_, index) => ({
    startMs: index * segmentMs,
    endMs: Math.min((index + 1) * segmentMs, Math.max(durationMs, 1)),
    text: [sentences[index % sentences.length], ...(index === 0 ? [originSentence(recording)] : [])].join(' '),
    speaker: `S${String((index % 2) + 1)}`,
  }));
}

/** The whole text of a made-up transcript. */
export function transcriptText(recording: Recording): string {
  return transcriptSegments(recording)
    .map(({ text }) => text)
    .join(' ');
}
