import type { CallLog } from './calls.ts';
import type { Clock } from './clock.ts';
import type { FaultBook } from './faults.ts';
import type { SimulatedProvider } from './operations.ts';
import type { Media } from './origin.ts';
import type { PlanBook } from './plan-book.ts';
import type { PresignedUrls } from './presigned-urls.ts';
import type { Storage } from './storage.ts';
import type { Weather } from './weather.ts';

/** What the four providers share. */
export interface World {
  clock: Clock;
  calls: CallLog;
  faults: FaultBook;
  weather: Weather;
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
  /** The whole files that the provider holds for it, as it took them. */
  media: Media[];
  /** Nothing has been made of it so far: no batch of the upload, no whole file of the session, no work begun. */
  orphan: boolean;
  /** The names that came with its files, as they were sent. */
  filenames: string[];
  /** What the client had noted on it. */
  userMetadata?: Record<string, unknown>;
}
