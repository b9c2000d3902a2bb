import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { ProviderError } from '../../providers/connection/provider-error.ts';
import type { JobSnapshot } from '../../snapshot.ts';
import type { Reading, Resource } from '../../providers/provider.ts';

/** One look at a resource. */
export interface Observation {
  snapshot: JobSnapshot;
  reading: Reading;
  /** The provider's clock when it answered, epoch milliseconds. */
  providerNowMs: number;
}

const encoder = new TextEncoder();

// Quotes and backslashes weigh twice in JSON, which is how text is recorded.
function recordedBytes(text: string): number {
  return encoder.encode(JSON.stringify(text)).length - 2;
}

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

function clipTimestamps(timestamps: Reading['timestamps']): Reading['timestamps'] {
  return Object.fromEntries(Object.entries(timestamps).map(([name, time]) => [name, clipBytes(time, 40)]));
}

/** The provider's words about a job: where the status only counts what failed, the reasons too, if they can be had. */
async function readMessage(
  connection: ProviderConnection,
  { resource: { reasons, title }, id }: { resource: Resource; id: string },
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
    if (error instanceof ProviderError) return message;
    throw error;
  }
}

/**
 * Asks for a resource's status once.
 * @throws ProviderError
 */
export async function observeResource(
  connection: ProviderConnection,
  target: { provider: string; name: string; resource: Resource; id: string },
  signal: AbortSignal,
): Promise<Observation> {
  const { provider, name, resource, id } = target;
  const call = { operation: `read the ${resource.title}`, method: 'GET', path: resource.path(id), signal } as const;
  const reply = await connection.call(call, { parse: (body) => resource.read(body) });
  const { data, providerNowMs } = reply;
  const message = await readMessage(connection, target, data, signal);
  return {
    reading: data,
    providerNowMs,
    snapshot: {
      resource: `${provider}.${name}`,
      id,
      status: clipBytes(connection.redact(data.status), 80),
      phase: data.phase,
      recognised: data.recognised,
      progress: data.progress,
      message: message === null ? null : clipBytes(connection.redact(message), 400),
      timestamps: clipTimestamps(data.timestamps),
      observedAt: new Date().toISOString(),
    },
  };
}
