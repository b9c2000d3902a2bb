/** How long a job is likely to take from its start to its end: most jobs end between the two. */
export interface ProcessingTime {
  earliestMs: number;
  latestMs: number;
}

/** The bounds that a provider sets to asking: never more often than the floor, never more rarely than the cap. */
export interface PollLimits {
  floorMs: number;
  capMs: number;
}

/** What is known when the next look is planned. */
export interface PollPlanInput {
  /** The provider's estimate or the vendor's table; `null` where nothing is known. */
  processingTime: ProcessingTime | null;
  /** Since the job began, by our clock. */
  elapsedMs: number;
  limits: PollLimits;
  /** Uniform in [0, 1). */
  random: () => number;
}

// Asking each time another eighth of the job's age has passed finds the end at most an eighth late, with a number
// of calls that grows with the logarithm of the age.
const share = 1 / 8;
// The first look falls between this part of the earliest likely end and all of it, wherever the dice say.
const firstLookFrom = 0.85;
// An estimate may be wrong by any amount: whatever it says, a job is looked at each hour.
const longestMs = 3_600_000;
// Around the time when most jobs end a look is never further off than this.
const likelyCapMs = 9000;

/**
 * When to ask next, in milliseconds from now, jittered so that jobs started together spread out.
 * Before the earliest likely end: at it, or in an hour. Between earliest and latest: each eighth of the age, at most 9 s.
 * After that, and where nothing is known: each eighth of the age within the provider's floor and cap.
 */
export function nextPollDelayMs(input: PollPlanInput): number {
  const { processingTime, limits, random } = input;
  const elapsedMs = Math.max(0, input.elapsedMs);
  if (processingTime !== null && elapsedMs < processingTime.earliestMs * firstLookFrom) {
    const firstLookMs = processingTime.earliestMs * (firstLookFrom + (1 - firstLookFrom) * random());
    return Math.max(limits.floorMs, Math.min(longestMs, firstLookMs - elapsedMs));
  }
  const likely = processingTime !== null && elapsedMs <= processingTime.latestMs;
  const capMs = Math.max(limits.floorMs, likely ? Math.min(limits.capMs, likelyCapMs) : limits.capMs);
  const spread = random();
  // A young job is asked between once and twice the floor from now: a tenth of the floor would spread nobody.
  const stepMs = Math.min(capMs, Math.max(limits.floorMs * (1 + spread), elapsedMs * share));
  return Math.max(limits.floorMs, stepMs * (0.9 + 0.1 * spread));
}
