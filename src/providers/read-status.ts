import type { Phase } from '../snapshot.ts';

/** Looks a provider's status word up in its table; `null` and not recognised where the table does not have it. */
export function readStatus(
  statuses: Readonly<Record<string, Phase>>,
  status: string,
): { status: string; phase: Phase | null; recognised: boolean } {
  const phase = Object.hasOwn(statuses, status) ? (statuses[status] ?? null) : null;
  return { status, phase, recognised: phase !== null };
}
