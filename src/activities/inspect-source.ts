import type { ActivityDependencies } from './activity-dependencies.ts';
import { withoutNulls } from '../client/canonical-input.ts';
import { findSizeFault } from '../client/input-size.ts';
import { parseDurationMs } from '../polling/duration.ts';
import type { ProcessingTime } from '../polling/poll-plan.ts';
import type { Provider, SourceLimits } from '../providers/provider.ts';
import { providers, type ProviderName } from '../providers/registry.ts';
import { formatOf } from '../upload/media-format.ts';
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
  const { fileName, sizeBytes, mediaType, durationSeconds, facts } = source;
  const { maxBytes, maxDurationSeconds, formats } = limits;
  if (maxBytes !== undefined && sizeBytes > maxBytes) {
    refuse(`source: ${fileName} has ${String(sizeBytes)} bytes; ${title} takes at most ${String(maxBytes)}`);
  }
  // What a header says of the length may be a guess, which refuses nothing.
  const givenSeconds = facts?.durationSeconds === 'given' ? (durationSeconds ?? 0) : 0;
  if (maxDurationSeconds !== undefined && givenSeconds > maxDurationSeconds) {
    const most = String(maxDurationSeconds / 3600);
    refuse(`source: ${fileName} lasts ${String(Math.round(givenSeconds))} s; ${title} takes at most ${most} h`);
  }
  if (formats !== undefined && !formats.some((format) => format === formatOf(mediaType))) {
    const advice = facts?.mediaType === 'given' ? '' : '; if it is one of them, say so with mediaType';
    refuse(`source: ${fileName} is ${mediaType}; ${title} takes ${formats.join(', ')}${advice}`);
  }
}

function sumDurations(sources: readonly SourceDescription[]): number | null {
  const seconds = sources.reduce((sum, { durationSeconds }) => sum + (durationSeconds ?? NaN), 0);
  return Number.isNaN(seconds) ? null : seconds;
}

/**
 * Makes the first step of every lifecycle: checks the input against the provider's schema, and looks at the media, so
 * that what the provider would refuse is refused before it is called.
 */
export function createInspectSource({ inspectSource: inspect, ...pace }: ActivityDependencies) {
  return patiently(pace, 'before', async (wanted: InspectSourceInput, { signal }): Promise<InspectSourceResult> => {
    const { input } = wanted;
    const provider: Provider = providers[wanted.provider];
    const { title, lifecycle } = provider;
    if (lifecycle === undefined) refuse(`provider: ${title} jobs can only be tracked`);
    const oversized = findSizeFault(input);
    if (oversized !== null) refuse(`${oversized.field}: ${oversized.problem}`);
    const { limits } = lifecycle;
    const { source, deadline, mediaType, durationSeconds } = lifecycle.input.parse(
      withoutNulls(lifecycle.input, input),
    );
    const uris = typeof source === 'string' ? [source] : source;
    const alone = uris.length === 1 ? durationSeconds : undefined;
    const known = { mediaType, durationSeconds: alone, formats: limits.formats, inParts: limits.inParts };
    const sources = await Promise.all(uris.map((uri) => inspect(uri, signal, known)));
    for (const description of sources) checkLimits(title, limits, description);
    const total = durationSeconds ?? sumDurations(sources);
    const given = deadline === undefined ? null : parseDurationMs(deadline);
    return {
      sources,
      deadlineMs: given ?? lifecycle.defaultDeadlineMs(total),
      processingTime: lifecycle.processingTime(total),
    };
  });
}
