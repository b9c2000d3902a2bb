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

/** A transcript of the given length, the same each time: one sentence for every five seconds, two speakers in turn. */
export function transcriptSegments(durationSeconds: number): Segment[] {
  const durationMs = Math.round(durationSeconds * 1000);
  const count = Math.min(maxSegments, Math.max(1, Math.ceil(durationMs / segmentMs)));
  return Array.from({ length: count }, (_, index) => ({
    startMs: index * segmentMs,
    endMs: Math.min((index + 1) * segmentMs, Math.max(durationMs, 1)),
    text: sentences[index % sentences.length] ?? '',
    speaker: `S${String((index % 2) + 1)}`,
  }));
}

/** The whole text of a made-up transcript. */
export function transcriptText(durationSeconds: number): string {
  return transcriptSegments(durationSeconds)
    .map(({ text }) => text)
    .join(' ');
}
