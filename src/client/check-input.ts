import type { Client } from '@temporalio/client';
import { z } from 'zod';
import { parseDurationMs } from '../polling/duration.ts';
import { EncryptionCodec } from '../encryption/encryption-codec.ts';
import type { MediaPipelineInput } from '../contract/pipeline.ts';
import { mediaPipelineInput, pipelineDeadlineMs } from './pipeline-input.ts';
import { jobOptions } from '../providers/job-options.ts';
import type { Lifecycle, Provider } from '../providers/provider.ts';
import { isProviderName, type ProviderName, providers } from '../providers/registry.ts';
import { SourceError } from '../upload/source-error.ts';
import { parseSourceUri } from '../upload/source-uri.ts';
import { findInputFaults } from './input-faults.ts';
import { type InputFault, InvalidInputError } from './invalid-input-error.ts';
import type { TrackOptions } from './resource-name.ts';

const dayMs = 24 * 3_600_000;

const trackOptions = z.strictObject({ ...jobOptions, observe: z.enum(['phases', 'terminal']).optional() });

/** Gives a key back, or `undefined` where none was given; throws `InvalidInputError` for one that cannot be used. */
export function checkKey(key: string | undefined): string | undefined {
  throwFaults(findInputFaults(z.object({ key: z.string().trim().min(1, 'expected some text').optional() }), { key }));
  return key;
}

/**
 * Checks what a lifecycle is to be started with, and says how long it may take, in milliseconds.
 * @throws InvalidInputError with every wrong field.
 */
export function checkLifecycleInput(client: Client, provider: ProviderName, input: unknown): number {
  const lifecycle = findLifecycle(provider);
  throwFaults(findInputFaults(lifecycle.input, input));
  const { source, deadline, durationSeconds = null } = lifecycle.input.parse(input);
  throwFaults(findSourceFaults(client, source));
  return (deadline === undefined ? null : parseDurationMs(deadline)) ?? lifecycle.defaultDeadlineMs(durationSeconds);
}

/**
 * Checks what a pipeline is to be started with, and says how long it may take, in milliseconds.
 * @throws InvalidInputError with every wrong field.
 */
export function checkPipelineInput(client: Client, input: MediaPipelineInput): number {
  throwFaults(findInputFaults(mediaPipelineInput, input));
  throwFaults(findSourceFaults(client, input.source));
  return pipelineDeadlineMs(input);
}

/** What a track follows, and until when at the latest. */
export interface TrackTarget {
  provider: ProviderName;
  /** The resource's short name, for instance `batch`. */
  resource: string;
  deadlineMs: number;
}

/**
 * Checks what a track is to be started with.
 * @throws InvalidInputError with every wrong field.
 */
export function checkTrack(resourceName: string, id: string, options: TrackOptions): TrackTarget {
  const [provider = '', resource = ''] = resourceName.split('.');
  const known: Provider | null = isProviderName(provider) ? providers[provider] : null;
  const found = known !== null && Object.hasOwn(known.resources, resource) ? known.resources[resource] : undefined;
  const idFaults = findInputFaults(z.object({ id: found?.id ?? z.string() }), { id });
  const optionFaults = findInputFaults(trackOptions, options);
  if (!isProviderName(provider) || found === undefined) {
    const problem = `expected one of ${resourceNames().join(', ')}; given "${resourceName.slice(0, 60)}"`;
    throw new InvalidInputError([{ field: 'resource', problem }, ...idFaults, ...optionFaults]);
  }
  throwFaults([...idFaults, ...optionFaults]);
  const deadlineMs = options.deadline === undefined ? dayMs : (parseDurationMs(options.deadline) ?? dayMs);
  return { provider, resource, deadlineMs };
}

function resourceNames(): string[] {
  return Object.entries<Provider>(providers).flatMap(([provider, { resources }]) =>
    Object.keys(resources).map((resource) => `${provider}.${resource}`),
  );
}

function findLifecycle(name: string): Lifecycle {
  const provider: Provider | null = isProviderName(name) ? providers[name] : null;
  if (provider?.lifecycle !== undefined) return provider.lifecycle;
  const drivable = Object.entries<Provider>(providers).filter(([, { lifecycle }]) => lifecycle !== undefined);
  const problem = `expected one of ${drivable.map(([each]) => each).join(', ')}; given "${name.slice(0, 60)}"`;
  throw new InvalidInputError([{ field: 'provider', problem }]);
}

function findSourceFaults(client: Client, source: string | string[]): InputFault[] {
  const { payloadCodecs } = client.options.loadedDataConverter;
  const isEncrypted = payloadCodecs.some((codec) => !(codec instanceof EncryptionCodec) || codec.encrypts);
  const uris = typeof source === 'string' ? [source] : source;
  return uris.flatMap((uri, index) => {
    try {
      parseSourceUri(uri, isEncrypted);
      return [];
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return [{ field: typeof source === 'string' ? 'source' : `source.${String(index)}`, problem: error.message }];
    }
  });
}

function throwFaults(faults: readonly InputFault[]): void {
  if (faults.length > 0) throw new InvalidInputError(faults);
}
