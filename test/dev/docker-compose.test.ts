import { readFile } from 'node:fs/promises';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { allSettings } from '../../src/config/settings.ts';
import { temporalCliVersion } from '../../src/dev/temporal-binary.ts';
import { searchAttributeKeys } from '../../src/contract/search-attributes.ts';
import { collectsTaskQueue, defaultTaskQueue, transfersTaskQueue } from '../../src/contract/task-queues.ts';
import { parseDurationMs } from '../../src/polling/duration.ts';
import { providerNames } from '../../src/providers/registry.ts';

// What a worker adds to its grace, as src/worker.ts has it.
const forcedAfterMs = 30_000;

const compose = await readFile(new URL('../../docker-compose.yml', import.meta.url), 'utf8');

test('the composed Temporal server is the release that the command line starts', () => {
  expect(compose).toContain(`image: temporalio/temporal:${temporalCliVersion.slice(1)}\n`);
});

test('the composed Temporal server knows every search attribute', () => {
  const registered = [...compose.matchAll(/--search-attribute=(\w+)=Keyword/g)].map(([, name]) => name);
  expect(registered).toEqual(searchAttributeKeys.map(({ name }) => name));
});

test('the composed Temporal server has fairness on', () => {
  expect(compose).toContain('--dynamic-config-value=matching.enableFairness=true');
});

const file = z.object({
  services: z.record(
    z.string(),
    z.object({
      command: z.array(z.string()).optional(),
      env_file: z.array(z.object({ path: z.string() })).optional(),
      environment: z.record(z.string(), z.string().nullable()).default({}),
      stop_grace_period: z.string().optional(),
    }),
  ),
});
const read = async (name: string) =>
  file.parse(parse(await readFile(new URL(`../../${name}`, import.meta.url), 'utf8'), { merge: true })).services;
const isWorker = ({ command = [] }: { command?: string[] | undefined }) => command[0] === 'worker';

describe.each(['docker-compose.yml', 'compose.production.yml'])('the workers of %s', (name) => {
  it('take every variable of .env, and replace only those that say where they are', async () => {
    const workers = Object.values(await read(name)).filter(isWorker);
    expect(workers.length).toBeGreaterThan(0);
    const ofPlace = /^(TEMPORAL_(ADDRESS|NAMESPACE)|PROVIDER_JOBS_(HEALTH_PORT|METRICS|RESULTS))$/;
    for (const { env_file, environment } of workers) {
      expect(env_file).toEqual([{ path: '.env' }]);
      expect(Object.keys(environment).filter((variable) => !ofPlace.test(variable))).toEqual([]);
    }
  });

  it('have longer to stop than they drain', async () => {
    const drainMs =
      (parseDurationMs(allSettings()['PROVIDER_JOBS_SHUTDOWN_GRACE']?.default ?? '') ?? NaN) + forcedAfterMs;
    for (const { stop_grace_period } of Object.values(await read(name)).filter(isWorker)) {
      expect(parseDurationMs(stop_grace_period ?? '')).toBeGreaterThan(drainMs);
    }
  });
});

const everyRole = ['workflows', ...providerNames.flatMap((provider) => [provider, `${provider}-transfer`])].sort();
const rolesOf = (command: string[] = []) => command[command.indexOf('--roles') + 1]?.split(',') ?? [];

test('the workers of production have every role, each once', async () => {
  const workers = Object.values(await read('compose.production.yml')).filter(isWorker);
  expect(workers.flatMap(({ command }) => rolesOf(command)).sort()).toEqual(everyRole);
});

const deployment = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        terminationGracePeriodSeconds: z.number(),
        containers: z.array(z.object({ args: z.array(z.string()) })),
      }),
    }),
  }),
});

test('the deployments of Kubernetes have every role, each once, and longer to stop than they drain', async () => {
  const pods = await Promise.all(
    ['jobs', 'transfers'].map(async (name) => {
      const text = await readFile(new URL(`../../deploy/kubernetes/${name}.yaml`, import.meta.url), 'utf8');
      return deployment.parse(parse(text)).spec.template.spec;
    }),
  );
  expect(pods.flatMap(({ containers }) => containers.flatMap(({ args }) => rolesOf(args))).sort()).toEqual(everyRole);
  for (const { terminationGracePeriodSeconds } of pods) {
    expect(terminationGracePeriodSeconds * 1000).toBeGreaterThan(75_000 + forcedAfterMs);
  }
});

test('Kubernetes scales by every queue of transfers and collects', async () => {
  const text = await readFile(new URL('../../deploy/kubernetes/scaled-object.yaml', import.meta.url), 'utf8');
  const triggers = [...text.matchAll(/taskQueue: (\S+)/g)].map(([, queue]) => queue);
  const queues = providerNames.flatMap((provider) =>
    [transfersTaskQueue, collectsTaskQueue].map((queueOf) => queueOf(defaultTaskQueue, provider)),
  );
  expect(triggers).toEqual(queues);
});

test('the set-up of production adds every search attribute', async () => {
  const script = await readFile(new URL('../../deploy/compose/temporal-setup.sh', import.meta.url), 'utf8');
  expect(script).toContain(`for name in ${searchAttributeKeys.map(({ name }) => name).join(' ')}; do`);
});
