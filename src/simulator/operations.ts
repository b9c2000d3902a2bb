/** The four providers that the simulator plays. */
export const simulatedProviders = ['soket', 'twelvelabs', 'tiro', 'slng'] as const;

/** One of the four simulated providers. */
export type SimulatedProvider = (typeof simulatedProviders)[number];

/** The path under which each provider answers; appended to the simulator's URL it is that provider's base URL. */
export const providerPrefixes: Record<SimulatedProvider, string> = {
  soket: '/soket/transcribe',
  twelvelabs: '/twelvelabs/v1.3',
  tiro: '/tiro',
  slng: '/slng',
};

/** Every operation that is recorded, counted and open to faults; the part before the dot is the provider. */
export const operations = [
  'soket.upload',
  'soket.upload-status',
  'soket.list-files',
  'soket.delete-files',
  'soket.submit',
  'soket.batch-status',
  'soket.batch-results',
  'soket.file-result',
  'soket.download',
  'soket.unknown',
  'twelvelabs.create-session',
  'twelvelabs.list-sessions',
  'twelvelabs.session-status',
  'twelvelabs.report',
  'twelvelabs.presigned-urls',
  'twelvelabs.part-put',
  'twelvelabs.create-asset',
  'twelvelabs.asset-status',
  'twelvelabs.list-assets',
  'twelvelabs.delete-asset',
  'twelvelabs.unknown',
  'tiro.create',
  'tiro.storage-put',
  'tiro.upload-complete',
  'tiro.status',
  'tiro.transcript',
  'tiro.translations',
  'tiro.translation',
  'tiro.transcript-summary',
  'tiro.translation-summary',
  'tiro.unknown',
  'slng.create',
  'slng.presign',
  'slng.storage-put',
  'slng.list',
  'slng.status',
  'slng.files',
  'slng.storage-get',
  'slng.delete',
  'slng.unknown',
] as const;

/** The name of one operation; `<provider>.unknown` is any request that no documented endpoint or live URL matches. */
export type Operation = (typeof operations)[number];

/** The catch-all operation of a provider. */
export function unknownOperation(provider: SimulatedProvider): Operation {
  return `${provider}.unknown`;
}
