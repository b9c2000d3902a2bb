import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { isProviderError } from '../../providers/connection/provider-error.ts';
import type { Provider, Reading, Resource } from '../../providers/provider.ts';
import { providers, type ProviderName } from '../../providers/registry.ts';
import type { JobSnapshot } from '../../snapshot.ts';
import { refuse } from '../patience/failure.ts';

/** Something at a provider that has a status. */
export interface Target {
  provider: ProviderName;
  /** The resource's short name in its provider's module, for instance `voice-file-job`. */
  resource: string;
  id: string;
}

/** One look at a resource. */
export interface Observation {
  snapshot: JobSnapshot;
  reading: Reading;
  /** The provider's clock when it answered, epoch milliseconds. */
  providerNowMs: number;
}

// Quotes and backslashes weigh twice in JSON, which is how text is recorded.
const recordedBytes = (text: string) => Buffer.byteLength(JSON.stringify(text)) - 2;

/** Cuts text so that its JSON form fits, since the server drops a pending failure of more than 4 KiB whole. */
export function clipBytes(text: string, maxBytes: number): string {
  if (recordedBytes(text) <= maxBytes) return text;
  let clipped = '';
  let bytes = 3;
  for (const character of text) {
    bytes += recordedBytes(character);
    if (bytes > maxBytes) break;
    clipped += character;
  }
  return `${clipped}…`;
}

/** A provider's resource by its short name; `undefined` where it has none of that name. */
export function resourceOf(provider: ProviderName, name: string): Resource | undefined {
  const { resources, stepResources }: Provider = providers[provider];
  const known: Provider['resources'] = { ...resources, ...stepResources };
  return Object.hasOwn(known, name) ? known[name] : undefined;
}

/**
 * Finds a provider's resource by its short name and checks that an id may go into its path.
 * @throws ApplicationFailure (`InvalidInput`)
 */
export function findResource({ provider, resource: name, id }: Target): Resource {
  const resource = resourceOf(provider, name);
  if (resource === undefined) refuse(`resource: ${provider} has no ${name}`);
  const checked = resource.id.safeParse(id);
  if (!checked.success) refuse(`id: ${checked.error.issues[0]?.message ?? 'not valid'}`);
  return resource;
}

/** The provider's words about a job: where the status only counts what failed, the reasons too, if they can be had. */
async function readMessage(
  connection: ProviderConnection,
  { reasons, title }: Resource,
  id: string,
  { phase, message }: Reading,
  signal: AbortSignal,
): Promise<string | null> {
  if (reasons === undefined || (phase !== 'failed' && phase !== 'partially-succeeded')) return message;
  const operation = `read why files of the ${title} failed`;
  const call = { operation, method: 'GET', path: reasons.path(id), query: { ...reasons.query }, signal } as const;
  try {
    const { data } = await connection.call(call, { parse: (body) => reasons.read(body) });
    return [message, data].filter((words) => words !== null).join(': ') || null;
  } catch (error) {
    // The end of the job does not wait for its reasons.
    if (isProviderError(error)) return message;
    throw error;
  }
}

/**
 * Asks for a resource's status once.
 * @throws ProviderError
 */
export async function observeResource(
  connection: ProviderConnection,
  target: Target,
  signal: AbortSignal,
): Promise<Observation> {
  const { id } = target;
  const resource = findResource(target);
  const call = { operation: `read the ${resource.title}`, method: 'GET', path: resource.path(id), signal } as const;
  const { data, providerNowMs } = await connection.call(call, { parse: (body) => resource.read(body) });
  const { status, phase, recognised, progress, timestamps } = data;
  const message = await readMessage(connection, resource, id, data, signal);
  return {
    reading: data,
    providerNowMs,
    snapshot: {
      resource: `${target.provider}.${target.resource}`,
      id,
      status: clipBytes(connection.redact(status), 80),
      phase,
      recognised,
      progress,
      message: message === null ? null : clipBytes(connection.redact(message), 400),
      timestamps: Object.fromEntries(Object.entries(timestamps).map(([name, time]) => [name, clipBytes(time, 40)])),
      observedAt: new Date().toISOString(),
    },
  };
}
