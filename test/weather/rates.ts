import type { Operation, WeatherPlan } from '../../src/simulator/index.ts';

type Rate = WeatherPlan['rates'][number];

/** Creates, listings and uploads of all four providers. */
const struck = [
  ...['soket.upload', 'soket.upload-status', 'soket.list-files', 'soket.batch-results'],
  ...['twelvelabs.create-session', 'twelvelabs.list-sessions', 'twelvelabs.session-status', 'twelvelabs.report'],
  ...['twelvelabs.presigned-urls', 'twelvelabs.part-put', 'twelvelabs.list-assets'],
  ...['tiro.create', 'tiro.storage-put', 'tiro.upload-complete'],
  ...['slng.presign', 'slng.storage-put', 'slng.create', 'slng.list', 'slng.files'],
] as const satisfies Operation[];

const refusals: Omit<Extract<Rate, { kind: 'status' }>, 'operation'>[] = [
  { kind: 'status', rate: 0.03, status: 429 },
  { kind: 'status', rate: 0.02, status: 429, retryAfter: { form: 'seconds', seconds: 1 } },
];
const outages: Omit<Extract<Rate, { kind: 'status' }>, 'operation'>[] = [
  { kind: 'status', rate: 0.03, status: 500 },
  { kind: 'status', rate: 0.03, status: 502 },
  { kind: 'status', rate: 0.04, status: 503 },
];

/** The weather of one seed: a quarter of the calls is struck. */
export function weatherOf(seed: number): WeatherPlan {
  const rates = struck.flatMap((operation): Rate[] => [
    ...[...refusals, ...outages].map((rate) => ({ ...rate, operation })),
    { kind: 'cut', rate: 0.04, operation },
    { kind: 'cut-after', rate: 0.06, operation },
  ]);
  // Nothing tells whether a submission that met an outage was taken: such a job ends as SubmitUnconfirmed, as it should.
  const submissions: Rate[] = [
    ...refusals.map((rate) => ({ ...rate, operation: 'soket.submit' as const })),
    { kind: 'cut-after', rate: 0.06, operation: 'soket.submit' },
  ];
  return { seed, rates: [...rates, ...submissions] };
}
