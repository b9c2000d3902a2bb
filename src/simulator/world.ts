import type { CallLog } from './calls.ts';
import type { Clock } from './clock.ts';
import type { FaultBook } from './faults.ts';
import type { SimulatedProvider } from './operations.ts';
import type { PlanBook } from './plan-book.ts';
import type { PresignedUrls } from './presigned-urls.ts';
import type { Storage } from './storage.ts';

/** What the four providers share. */
export interface World {
  clock: Clock;
  calls: CallLog;
  faults: FaultBook;
  plans: PlanBook;
  storage: Storage;
  presignedUrls: PresignedUrls;
  keys: Record<SimulatedProvider, string[]>;
  /** The part size that TwelveLabs chooses. */
  chunkSizeBytes: number;
  /** Aborted when the simulator closes. */
  closing: AbortSignal;
}

/** A job as tests see it: the status is the one that the provider would tell now. */
export interface SimulatedJob {
  provider: SimulatedProvider;
  resource: 'upload' | 'batch' | 'multipart-upload' | 'asset' | 'voice-file-job' | 'batch-job';
  id: string;
  status: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
}
