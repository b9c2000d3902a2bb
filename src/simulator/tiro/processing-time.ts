const minute = 60;

/** The vendor's table (Get Voice File Job): media up to so many seconds takes from `low` to `high` seconds. */
const table = [
  { upTo: 5 * minute, low: 45, high: 75 },
  { upTo: 20 * minute, low: 60, high: 180 },
  { upTo: 60 * minute, low: 180, high: 360 },
  { upTo: 240 * minute, low: 360, high: 1080 },
];

/** How long Tiro works on media of this length, in milliseconds: straight lines through the vendor's table. */
export function tiroProcessingMs(durationSeconds: number): number {
  let from = 0;
  for (const { upTo, low, high } of table) {
    if (durationSeconds < upTo) return (low + ((high - low) * (durationSeconds - from)) / (upTo - from)) * 1000;
    from = upTo;
  }
  return 1080 * 1000;
}
