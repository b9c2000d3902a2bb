import type { Client } from '@temporalio/client';
import { z } from 'zod';
import { EncryptionCodec } from '../encryption/encryption-codec.ts';
import type { MediaPipelineInput } from '../contract/pipeline.ts';
import { mediaPipelineInput, pipelineDeadlineMs } from './pipeline-input.ts';
import { jobOptions } from '../providers/job-options.ts';
import type { Lifecycle, Provider } from '../providers/provider.ts';
import { isProviderName, type ProviderName, providers } from '../providers/registry.ts';
import { SourceError } from '../upload/source-error.ts';
import { parseSourceUri } from '../upload/source-uri.ts';
import { canonicalInput, withoutNulls } from './canonical-input.ts';
import { findInputFaults, showGiven } from './input-faults.ts';
import { type InputFault, InvalidInputError } from './invalid-input-error.ts';
import type { TrackOptions } from './resource-name.ts';
import type { StartOptions } from './start-options.ts';

const dayMs = 24 * 3_600_000;

const priority = z
  .int('expected a whole number from 1, which goes first, to 5')
  .min(1, 'expected 1, which goes first, to 5')
  .max(5, 'expected 1, which goes first, to 5');

const trackOptions = z.strictObject({
  ...jobOptions,
  priority: priority.optional(),
  deadline: jobOptions.deadline.default(dayMs),
  observe: z.enum(['phases', 'terminal']).default('phases'),
  collect: z.boolean().optional(),
  translationLocales: z.array(z.string()).optional(),
});

const startOptions = z.object({
  key: z.string().trim().min(1, 'expected some text').optional(),
  priority: priority.optional(),
});

/** Gives a start's options back, without those that were not given; throws `InvalidInputError` for what cannot be used. */
export function checkStart({ key, priority }: StartOptions): StartOptions {
  const given = withoutNulls(startOptions, { key, priority }) as StartOptions;
  throwFaults(findInputFaults(startOptions, given));
  return given;
}

type InputSchema = z.ZodType<{ source: string | string[] }>;

/** An input that can be started. */
export interface CheckedInput<T> {
  /** As it was given, save for each `null` that stands for what is absent. */
  input: T;
  /** How long it may take. */
  deadlineMs: number;
  /** The one form of all ways of writing an input of this kind; `null` for what is none. */
  canonical: (input: unknown) => object | null;
}

function check<T>(client: Client, schema: InputSchema, given: T): Omit<CheckedInput<T>, 'deadlineMs'> {
  const input = withoutNulls(schema, given) as T;
  throwFaults(findInputFaults(schema, input));
  throwFaults(findSourceFaults(client, (input as { source: string | string[] }).source));
  return { input, canonical: (other) => canonicalInput(schema, other) };
}

/**
 * Checks what a lifecycle is to be started with.
 * @throws InvalidInputError with every wrong field.
 */
export function checkLifecycleInput<T>(client: Client, provider: ProviderName, given: T): CheckedInput<T> {
  const lifecycle = findLifecycle(provider);
  const checked = check(client, lifecycle.input, given);
  const { deadline, durationSeconds = null } = lifecycle.input.parse(checked.input);
  return { ...checked, deadlineMs: deadline ?? lifecycle.defaultDeadlineMs(durationSeconds) };
}

/** Puts an input of a lifecycle into its one form; `null` for what is none. */
export function canonicalLifecycleInput(provider: ProviderName): CheckedInput<unknown>['canonical'] {
  const { input: schema } = findLifecycle(provider);
  return (input) => canonicalInput(schema, input);
}

/** Puts an input of a pipeline into its one form; `null` for what is none. */
export const canonicalPipelineInput: CheckedInput<unknown>['canonical'] = (input) =>
  canonicalInput(mediaPipelineInput, input);

/**
 * Checks what a pipeline is to be started with.
 * @throws InvalidInputError with every wrong field.
 */
export function checkPipelineInput(client: Client, given: MediaPipelineInput): CheckedInput<MediaPipelineInput> {
  const checked = check(client, mediaPipelineInput, given);
  return { ...checked, deadlineMs: pipelineDeadlineMs(checked.input) };
}

/** What a track follows, how, and until when at the latest. */
export interface TrackTarget extends Omit<TrackOptions, 'deadline'> {
  provider: ProviderName;
  /** The resource's short name, for instance `batch`. */
  resource: string;
  deadlineMs: number;
}

/**
 * Checks what a track is to be started with.
 * @throws InvalidInputError with every wrong field.
 */
export function checkTrack(resourceName: unknown, id: string, given: TrackOptions): TrackTarget {
  const options = withoutNulls(trackOptions, given) as TrackOptions;
  const name = typeof resourceName === 'string' ? resourceName : '';
  const [provider = '', resource = ''] = name.split('.');
  const known: Provider | null = isProviderName(provider) ? providers[provider] : null;
  const found = known !== null && Object.hasOwn(known.resources, resource) ? known.resources[resource] : undefined;
  const idFaults = findInputFaults(z.object({ id: found?.id ?? z.string() }), { id });
  const optionFaults = findInputFaults(trackOptions, options);
  if (!isProviderName(provider) || found === undefined) {
    const problem = `expected one of ${resourceNames().join(', ')}; ${showGiven(resourceName)}`;
    throw new InvalidInputError([{ field: 'resource', problem }, ...idFaults, ...optionFaults]);
  }
  throwFaults([...idFaults, ...optionFaults]);
  throwFaults(findCollectFaults(providers[provider], name, options));
  const { deadline: deadlineMs, ...checked } = trackOptions.parse(options);
  const { credential, observe, notify } = options;
  const { collect, translationLocales, priority } = checked;
  return { priority, provider, resource, credential, observe, notify, collect, translationLocales, deadlineMs };
}

// What a provider's own schema is to say of a field is asked with a source that is always good.
const anySource = 'file:///media';

function findCollectFaults(
  { lifecycle }: Provider,
  resource: string,
  { collect, translationLocales }: TrackOptions,
): InputFault[] {
  if (collect === true && !collectable().includes(resource)) {
    const problem = `a ${resource} has no results; those that have are ${collectable().join(', ')}`;
    return [{ field: 'collect', problem }];
  }
  if (translationLocales === undefined) return [];
  if (collect !== true) return [{ field: 'translationLocales', problem: 'has a meaning only with collect' }];
  return lifecycle === undefined
    ? []
    : findInputFaults(lifecycle.input, { source: anySource, translationLocales }).map((fault) =>
        fault.problem.startsWith('no such option') ? { ...fault, problem: `a ${resource} has no translations` } : fault,
      );
}

/** The resources whose results can be stored: those that a lifecycle of ours ends with. */
function collectable(): string[] {
  return Object.entries<Provider>(providers).flatMap(([name, { lifecycle }]) =>
    lifecycle === undefined ? [] : [`${name}.${lifecycle.resource}`],
  );
}

function resourceNames(): string[] {
  return Object.entries<Provider>(providers).flatMap(([provider, { resources }]) =>
    Object.keys(resources).map((resource) => `${provider}.${resource}`),
  );
}

function findLifecycle(name: unknown): Lifecycle {
  const provider: Provider | null = typeof name === 'string' && isProviderName(name) ? providers[name] : null;
  if (provider?.lifecycle !== undefined) return provider.lifecycle;
  const drivable = Object.entries<Provider>(providers).filter(([, { lifecycle }]) => lifecycle !== undefined);
  const problem = `expected one of ${drivable.map(([each]) => each).join(', ')}; ${showGiven(name)}`;
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
