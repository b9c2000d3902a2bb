import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
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
      message: data.message === null ? null : clipBytes(connection.redact(data.message), 400),
      timestamps: clipTimestamps(data.timestamps),
      observedAt: new Date().toISOString(),
    },
  };
}
