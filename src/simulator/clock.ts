/** Real time, with every simulated duration and lifetime divided by the time scale. */
export class Clock {
  readonly timeScale: number;

  constructor(timeScale: number) {
    if (!(timeScale > 0)) throw new RangeError(`timeScale must be above 0, not ${String(timeScale)}`);
    this.timeScale = timeScale;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return Date.now();
  }

  /** The time after `start` at which a simulated duration has passed, in milliseconds since the epoch. */
  after(start: number, durationMs: number): number {
    return start + durationMs / this.timeScale;
  }
}

/** A time in milliseconds since the epoch as RFC 3339 text in UTC. */
export function timestamp(atMs: number): string {
  return new Date(atMs).toISOString();
}
