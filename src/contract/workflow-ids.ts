import type { ProviderName } from '../providers/registry.ts';

const longestPart = 200;

// The server refuses ids past 1,000 characters and the sandbox has no crypto module: FNV-1a with 128 bits
// (http://www.isthe.com/chongo/tech/comp/fnv/) keeps long keys apart.
function fnv1a128(text: string): string {
  let hash = 0x6c62272e07bb014262b821756295c58dn;
  for (const byte of new TextEncoder().encode(text)) {
    hash = ((hash ^ BigInt(byte)) * 0x0000000001000000000000000000013bn) & ((1n << 128n) - 1n);
  }
  return hash.toString(16).padStart(32, '0');
}

/**
 * The marker of a lifecycle: 16 lower-case hexadecimal characters, the same in every attempt and after a reset, that
 * mean nothing to others. What bears it at a provider was made by this very job.
 */
export function markerOf(workflowId: string, firstRunId: string): string {
  return fnv1a128(`${firstRunId} ${workflowId}`).slice(0, 16);
}

function encodePart(part: string): string {
  const encoded = encodeURIComponent(part.toWellFormed()).replaceAll('~', '%7E');
  if (encoded.length <= longestPart) return encoded;
  return `${encoded.slice(0, 100).replace(/%[0-9A-F]?$/, '')}~${fnv1a128(part)}`;
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The workflow id of a provider's lifecycle under a key. */
export function lifecycleWorkflowId(provider: ProviderName, key: string): string {
  return `provider-job/${provider}/${encodePart(key)}`;
}

/**
 * The workflow id that follows one resource, for instance `provider-job/soket/batch/<id>`, with another key than the
 * default one `provider-job/soket/batch/<id>@<alias>`: what one account calls by an id is nothing to another.
 */
export function trackWorkflowId(provider: ProviderName, resource: string, id: string, credential = 'default'): string {
  // No `@` is left in what was encoded.
  const account = credential === 'default' ? '' : `@${credential}`;
  return `provider-job/${provider}/${resource}/${encodePart(id)}${account}`;
}

/** The workflow id of a media pipeline under a key. */
export function pipelineWorkflowId(key: string): string {
  return `media-pipeline/${encodePart(key)}`;
}

/** The key of a pipeline's child. */
export function stepKey(pipelineKey: string, step: string): string {
  return `${pipelineKey}.${step}`;
}

/** What a workflow id of ours stands for. */
export type ParsedWorkflowId =
  | { kind: 'lifecycle'; provider: string; key: string }
  /** `credential` is `undefined` for the default one. */
  | { kind: 'track'; provider: string; resource: string; id: string; credential: string | undefined }
  | { kind: 'pipeline'; key: string };

/** The inverse of the functions above; `null` for an id that is not ours. A part past 200 characters stays hashed. */
export function parseWorkflowId(workflowId: string): ParsedWorkflowId | null {
  const [prefix, first, second, third, ...rest] = workflowId.split('/');
  if (first === undefined || rest.length > 0) return null;
  if (prefix === 'media-pipeline' && second === undefined) return { kind: 'pipeline', key: decodePart(first) };
  if (prefix !== 'provider-job' || second === undefined) return null;
  if (third === undefined) return { kind: 'lifecycle', provider: first, key: decodePart(second) };
  const [, id = third, credential] = /^(.+)@(.+)$/.exec(third) ?? [];
  return { kind: 'track', provider: first, resource: second, id: decodePart(id), credential };
}
