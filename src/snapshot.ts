/** Our words for where a job stands; every provider status maps to one of them. */
export const phases = [
  'awaiting-upload',
  'queued',
  'running',
  'succeeded',
  'partially-succeeded',
  'failed',
  'expired',
  'deleted',
] as const;

/** Where a job stands, in our words. */
export type Phase = (typeof phases)[number];

/** The phases that a job never leaves. */
export type TerminalPhase = 'succeeded' | 'partially-succeeded' | 'failed' | 'expired' | 'deleted';

const firstTerminal = phases.indexOf('succeeded');

/** Whether a job in this phase has ended; a phase that was never learnt (`null`) has not. */
export function isTerminal(phase: Phase | null): phase is TerminalPhase {
  return phase !== null && phases.indexOf(phase) >= firstTerminal;
}

/** Whether going from one phase to another is going backwards; nothing leaves a terminal phase. */
export function isBackwards(from: Phase | null, to: Phase): boolean {
  if (from === null || from === to) return false;
  return isTerminal(from) || phases.indexOf(to) < phases.indexOf(from);
}

/** How far a job has come, in the provider's own unit, for instance 15 of 20 chunks. */
export interface Progress {
  done: number;
  total: number;
  unit: string;
}

/** The provider's own times, ISO 8601, as it wrote them; absent where it gives none. */
export type ProviderTimestamps = Partial<
  Record<'createdAt' | 'uploadedAt' | 'startedAt' | 'finishedAt' | 'updatedAt' | 'expiredAt' | 'deletedAt', string>
>;

/** One observation of a resource at a provider. */
export interface JobSnapshot {
  /** For instance `tiro.voice-file-job`. */
  resource: string;
  id: string;
  /** The provider's own word, as it spells it. */
  status: string;
  /** `null` only where no observation so far could be understood. */
  phase: Phase | null;
  /** False where the provider used a status word that nobody knows. */
  recognised: boolean;
  progress: Progress | null;
  /** The provider's own words about the job, redacted and at most 300 characters. */
  message: string | null;
  timestamps: ProviderTimestamps;
  /** When we looked, ISO 8601. */
  observedAt: string;
}
