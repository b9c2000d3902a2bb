import type { CleaningFate, CleaningKind } from '../contract/cleaning.ts';
import type { LookPlanner } from '../polling/look-planner.ts';
import type { ProviderConnection } from '../providers/connection/provider-connection.ts';
import type { ProviderName } from '../providers/registry.ts';
import type { ResultStore, WalkableResultStore } from '../results/result-store.ts';
import type { S3Connection } from '../s3/s3-connection.ts';
import type { WantedMedia } from '../upload/inspect-source.ts';
import type { MediaSource, SourceDescription } from '../upload/media-source.ts';
import type { Pace } from './patience/judge.ts';
import type { Target } from './wait/observe-resource.ts';

/** What activities are built from; the worker makes the real ones, tests make their own. */
export interface ActivityDependencies extends Pace {
  /** A provider as one credential sees it; the key is resolved afresh at each call. */
  connect: (provider: ProviderName, credential: string | undefined) => Promise<ProviderConnection>;
  /** Looks at media: size, type, length, fingerprint. */
  inspectSource: (uri: string, signal: AbortSignal, wanted: WantedMedia) => Promise<SourceDescription>;
  /** Opens media; with a fingerprint, only while it is still the same version. */
  openSource: (uri: string, expectedFingerprint?: string) => Promise<MediaSource>;
  results: ResultStore;
  /** The same to be gone through, for retentions; absent where the store cannot be. */
  stored?: Pick<WalkableResultStore, 'walk' | 'read'> | undefined;
  /** For buckets that are looked through; one of their own where none is given. */
  s3?: S3Connection | undefined;
  /** When jobs are looked at. */
  looks: LookPlanner;
  /** Hears how long after its end at the provider a resource was found to have ended. */
  onDetected?: ((target: Pick<Target, 'provider' | 'resource'>, delayMs: number) => void) | undefined;
  /** Hears of everything that a sweep or retention met at a provider. */
  onCleaned?: ((met: { provider: ProviderName; kind: CleaningKind; fate: CleaningFate }) => void) | undefined;
}
