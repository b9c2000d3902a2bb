import { afterEach, beforeEach, expect, test } from 'vitest';
import { SimulatorAdmin, startSimulator } from '../../src/simulator/index.ts';
import type { Simulator, WeatherPlan } from '../../src/simulator/index.ts';
import { makeWav } from '../setup/wav.ts';
import { ProviderApi, putBytes, text } from './provider-api.ts';

const calls = 400;

let simulator: Simulator;
let tiro: ProviderApi;

beforeEach(async () => {
  simulator = await startSimulator();
  tiro = new ProviderApi(simulator, 'tiro', '/v1/external/voice-file/jobs');
});

afterEach(async () => {
  await simulator.close();
});

const mixed = (seed: number): WeatherPlan => ({
  seed,
  rates: [
    { kind: 'status', operation: 'tiro.create', rate: 0.2, status: 503 },
    { kind: 'status', operation: '*', rate: 0.1, status: 429, retryAfter: { form: 'seconds', seconds: 1 } },
    { kind: 'cut-after', operation: 'tiro.*', rate: 0.1 },
  ],
});

/** Creates so many jobs, with a status call before each where asked, and gives what each create met. */
async function createMany(weather: WeatherPlan, { between = false } = {}): Promise<(number | string)[]> {
  simulator.setWeather(weather);
  const met: (number | string)[] = [];
  for (let call = 0; call < calls; call += 1) {
    if (between) await tiro.get('/nobody').catch(() => undefined);
    met.push(
      await tiro.json('POST', '', {}).then(
        ({ status }) => status,
        () => 'lost',
      ),
    );
  }
  return met;
}

test('the same seed draws the same for the same call of an operation, whatever else is called', async () => {
  const first = await createMany(mixed(1));
  expect(await createMany(mixed(1), { between: true })).toEqual(first);
  expect(await createMany(mixed(2))).not.toEqual(first);
});

test('each call is struck by one fault at most, in about the share that was asked for, and all is counted', async () => {
  const met = await createMany(mixed(7));
  const share = (what: number | string) => met.filter((one) => one === what).length / calls;
  expect(share(503)).toBeGreaterThan(0.14);
  expect(share(503)).toBeLessThan(0.26);
  expect(share(429)).toBeGreaterThan(0.05);
  expect(share(429)).toBeLessThan(0.15);
  expect(share(200)).toBeGreaterThan(0.5);
  expect(simulator.counters().weather).toEqual({
    'tiro.create': {
      'status 503': share(503) * calls,
      'status 429 Retry-After': share(429) * calls,
      'cut-after': share('lost') * calls,
    },
  });
  // A lost answer did what was asked.
  expect(simulator.counters().jobsCreated.tiro).toBe((share(200) + share('lost')) * calls);
});

test('a fault put in force by itself comes first', async () => {
  simulator.setWeather({ seed: 1, rates: [{ kind: 'status', operation: '*', rate: 1, status: 500 }] });
  simulator.addFault({ kind: 'status', operation: 'tiro.create', status: 418 });
  expect((await tiro.json('POST', '', {})).status).toBe(418);
  expect((await tiro.json('POST', '', {})).status).toBe(500);
  expect(simulator.counters().weather).toEqual({ 'tiro.create': { 'status 500': 1 } });
});

test('storage has weather in its own words', async () => {
  const created = await tiro.json('POST', '', {});
  const rate = { kind: 'status', operation: 'tiro.storage-put', rate: 1, status: 403, code: 'ExpiredToken' } as const;
  simulator.setWeather({ seed: 1, rates: [rate] });
  const put = await putBytes(text(created, 'uploadUri'), makeWav(1));
  expect(put).toMatchObject({ status: 403, body: expect.stringContaining('<Code>ExpiredToken</Code>') as string });
});

test('it is set and ended over HTTP too', async () => {
  const admin = new SimulatorAdmin(simulator.url);
  await admin.setWeather({ seed: 1, rates: [{ kind: 'cut', operation: 'tiro.create', rate: 1 }] });
  await expect(tiro.json('POST', '', {})).rejects.toThrow('fetch failed');
  await admin.setWeather(null);
  expect((await tiro.json('POST', '', {})).status).toBe(200);
  expect((await admin.counters()).weather).toEqual({ 'tiro.create': { cut: 1 } });
});

test.each([
  { kind: 'cut', operation: '*', rate: 2 },
  { kind: 'hold', operation: '*', rate: 0.1 },
  { kind: 'cut', operation: '*' },
])('a rate of the wrong shape is refused: %j', (rate) => {
  expect(() => {
    simulator.setWeather({ seed: 1, rates: [rate] } as WeatherPlan);
  }).toThrow();
});
