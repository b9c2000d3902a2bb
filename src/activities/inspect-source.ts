import type { ActivityDependencies } from './activity-dependencies.ts';
import { findSizeFault } from '../client/input-size.ts';
import { parseDurationMs } from '../polling/duration.ts';
import type { ProcessingTime } from '../polling/poll-plan.ts';
import type { Lifecycle, Provider, SourceLimits } from '../providers/provider.ts';
import { providers, type ProviderName } from '../providers/registry.ts';
import type { SourceDescription } from '../upload/media-source.ts';
import { refuse } from './patience/failure.ts';
import { patiently } from './patience/patiently.ts';

/** A lifecycle's input as it was given, and whose it is. */
export interface InspectSourceInput {
  provider: ProviderName;
  input: unknown;
}

/** What a lifecycle needs to know before it calls the provider. */
export interface InspectSourceResult {
  sources: SourceDescription[];
  deadlineMs: number;
  processingTime: ProcessingTime | null;
}

function checkLimits(title: string, limits: SourceLimits, source: SourceDescription): void {
  const { fileName, sizeBytes, mediaType, durationSeconds } = source;
  if (limits.maxBytes !== undefined && sizeBytes > limits.maxBytes) {
    refuse(`source: ${fileName} has ${String(sizeBytes)} bytes; ${title} takes at most ${String(limits.maxBytes)}`);
  }
  if (limits.maxDurationSeconds !== undefined && (durationSeconds ?? 0) > limits.maxDurationSeconds) {
    const most = String(limits.maxDurationSeconds / 3600);
    refuse(`source: ${fileName} lasts ${String(Math.round(durationSeconds ?? 0))} s; ${title} takes at most ${most} h`);
  }
  if (limits.mediaTypes !== undefined && !limits.mediaTypes.includes(mediaType)) {
    refuse(`source: ${fileName} is ${mediaType}; ${title} takes ${limits.mediaTypes.join(', ')}`);
  }
}

function findLifecycle(name: ProviderName): { provider: Provider; lifecycle: Lifecycle } {
  const provider: Provider = providers[name];
  const { lifecycle } = provider;
  if (lifecycle === undefined) refuse(`provider: ${provider.title} jobs can only be tracked`);
  return { provider, lifecycle };
}

/**
 * Makes the first step of every lifecycle: checks the input against the provider's schema, and looks at the media, so
 * that what the provider would refuse is refused before it is called.
 */
export function createInspectSource({ inspectSource: inspect, ...pace }: ActivityDependencies) {
  return patiently(pace, 'before', async (wanted: InspectSourceInput, { signal }): Promise<InspectSourceResult> => {
    const { provider: name, input } = wanted;
    const { provider, lifecycle } = findLifecycle(name);
    const oversized = findSizeFault(input);
    if (oversized !== null) refuse(`${oversized.field}: ${oversized.problem}`);
    const { source, deadline } = lifecycle.input.parse(input);
    const uris = typeof source === 'string' ? [source] : source;
    const sources = await Promise.all(uris.map((uri) => inspect(uri, signal)));
    for (const description of sources) checkLimits(provider.title, lifecycle.limits, description);
    const durations = sources.map(({ durationSeconds }) => durationSeconds);
    const total = durations.every((seconds) => seconds !== null)
      ? durations.reduce((sum, next) => sum + next, 0)
      : null;
    const given = deadline === undefined ? null : parseDurationMs(deadline);
    return {
      sources,
      deadlineMs: given ?? lifecycle.defaultDeadlineMs(total),
      processingTime: lifecycle.processingTime(total),
    };
  });
}
