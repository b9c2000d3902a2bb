import type { ProcessingTime } from '../../polling/poll-plan.ts';

/**
 * How long SLNG is likely to take for so much audio. Two facts are public: the vendor's sample job (5 s queued, 85 s at
 * work for 312 s of audio, about 0.27 of its length) and a client's measurements (15 s for a 5 s clip, other short
 * clips up to 45 s). The span is drawn wide around both.
 */
export function estimateProcessingTime(durationSeconds: number): ProcessingTime {
  return { earliestMs: 10_000 + 200 * durationSeconds, latestMs: 45_000 + 500 * durationSeconds };
}
