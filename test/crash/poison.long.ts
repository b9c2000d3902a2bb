import { execFile } from 'node:child_process';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pathToFileURL } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyVariable } from '../../src/config/credentials.ts';
import { isFailureType } from '../../src/contract/failures.ts';
import type { JobOutcome } from '../../src/contract/job.ts';
import { lifecycleWorkflowTypes } from '../../src/contract/workflow-types.ts';
import { ProviderJobs } from '../../src/index.ts';
import type { LifecycleProvider } from '../../src/providers/lifecycle-inputs.ts';
import { simulatedProviders } from '../../src/simulator/operations.ts';
import { canaryKeys } from '../setup/canaries.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorkerProcess, type WorkerProcess } from '../setup/worker-process.ts';
import { startWorld, type World } from '../setup/world.ts';
import {
  evilAnswers,
  type EvilServer,
  evilSources,
  evilStorage,
  startEvilServer,
  type Treatment,
} from './evil-server.ts';

const deadline = '5s';
const knownEnds = ['Cancelled', 'succeeded', 'failed', 'expired'];
const resources = [
  ['soket', 'upload'],
  ['soket', 'batch'],
  ['twelvelabs', 'multipart-upload'],
  ['twelvelabs', 'asset'],
  ['tiro', 'voice-file-job'],
  ['slng', 'batch-job'],
] as const;

const names = Object.keys as <K extends string>(table: Record<K, unknown>) => K[];

/** A job that should never have been started, and how it ended; `null` while it goes on. */
interface Poison {
  name: string;
  handle: WorkflowHandle;
  end: string | null;
}

interface Poisoned {
  provider: LifecycleProvider;
  treatment?: Treatment;
  input?: object;
}

/** Where each provider is met: creates, addresses for uploads, and results. */
const stages = {
  create: {
    soket: /^POST .*files\/upload/,
    twelvelabs: /^POST .*multipart-uploads$/,
    tiro: /^POST .*jobs$/,
    slng: /^POST /,
  },
  upload: { soket: /^POST .*files\/upload/, twelvelabs: /^POST /, tiro: /^POST .*jobs$/, slng: /^POST / },
  results: {
    soket: /^GET .*results/,
    twelvelabs: /^GET .*assets\//,
    tiro: /^GET .*(transcript|translations)/,
    slng: /^GET .*files/,
  },
} as const;

describe('a worker that is given poison', () => {
  let world: World;
  let evil: EvilServer;
  let worker: WorkerProcess | undefined;
  let source: string;
  const poisons: Poison[] = [];
  const aliases = new Map<string, string>();
  let keys: ReturnType<typeof canaryKeys>;

  beforeAll(async () => {
    keys = canaryKeys();
    // Each poisoned job has a key of its own, by which the server knows what to do to it.
    for (let index = 0; index < 250; index += 1) {
      const alias = `p${String(index)}`;
      aliases.set(alias, `poison-${alias}.${'k'.repeat(12)}`);
    }
    const accepted = Object.fromEntries(simulatedProviders.map((name) => [name, [...keys[name], ...aliases.values()]]));
    world = await startWorld({
      startWorker: false,
      timeScale: 50,
      simulator: { keys: accepted, chunkSizeBytes: 200_000 },
      environment: { PROVIDER_JOBS_ALLOW_PRIVATE_SOURCES: 'true', PROVIDER_JOBS_TRANSFERS: '60' },
    });
    evil = await startEvilServer(world.simulator.url);
    source = await world.writeSource('talk.wav', makeWav(30));
  });
  afterAll(async () => {
    await Promise.allSettled(poisons.filter(({ end }) => end === null).map(({ handle }) => handle.terminate()));
    await worker?.kill();
    await evil.close();
    await world.close();
  });

  function environment(): Record<string, string> {
    const bases = Object.entries(world.simulator.baseUrls).map(([name, url]) => [
      `${name.toUpperCase()}_BASE_URL`,
      url.replace(world.simulator.url, evil.origin),
    ]);
    const ours = simulatedProviders.flatMap((name) =>
      [...aliases].map(([alias, key]) => [keyVariable(name, alias), key]),
    );
    return { ...world.environment, ...Object.fromEntries([...bases, ...ours]) } as Record<string, string>;
  }

  async function poison(name: string, type: string, workflowId: string, input: unknown): Promise<Poison> {
    const handle = await world.start(type, workflowId, input);
    const poisoned: Poison = { name, handle, end: null };
    poisons.push(poisoned);
    void handle.result().then(
      (outcome: JobOutcome) => (poisoned.end = outcome.phase),
      (error: unknown) => {
        // The failure of a workflow, or of its activity.
        let cause = error;
        while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause;
        if (cause instanceof CancelledFailure) poisoned.end = 'Cancelled';
        else
          poisoned.end =
            cause instanceof ApplicationFailure ? `${String(cause.type)}: ${cause.message}` : String(cause);
      },
    );
    return poisoned;
  }

  /** Whether each has ended in a way that is known, or waits with a reason that people can read. */
  async function allExplained(some: readonly Poison[]): Promise<boolean> {
    for (const { name, end, handle } of some) {
      if (end === null) {
        const { lastError } = await new ProviderJobs(world.client).handle(handle.workflowId).snapshot();
        if (lastError === null) return false;
      } else {
        const [word = ''] = end.split(':');
        expect(isFailureType(word) || knownEnds.includes(word), `${name}: ${end}`).toBe(true);
      }
    }
    return true;
  }

  let used = 0;
  function nextAlias(): { alias: string; key: string } {
    const [alias, key] = [...aliases][used] ?? [];
    if (alias === undefined || key === undefined) throw new Error('there are more poisoned jobs than aliases');
    used += 1;
    return { alias, key };
  }

  function poisonJob(name: string, { provider, treatment, input = {} }: Poisoned): Promise<Poison> {
    const { alias, key } = nextAlias();
    if (treatment !== undefined) evil.treat(key, treatment);
    const given = { source, deadline, credential: alias, ...input };
    return poison(`${provider}: ${name}`, lifecycleWorkflowTypes[provider], `provider-job/${provider}/${alias}`, given);
  }

  async function poisonAnswers(): Promise<void> {
    for (const [index, name] of names(evilAnswers).entries()) {
      const evilAnswer = evilAnswers[name];
      const [provider, resource] = resources[index % resources.length] ?? resources[0];
      const { alias, key } = nextAlias();
      evil.treat(key, { on: /^GET /, evil: evilAnswer });
      const id = `poison${String(index)}`;
      const input = { provider, resource, id, credential: alias, deadlineMs: 5000 };
      await poison(`${provider} ${resource}: ${name}`, 'trackJob', `provider-job/${provider}/${resource}/${id}`, input);
      const stage = index % 2 === 0 ? 'create' : 'results';
      const driven = simulatedProviders[(index >> 1) % 4] ?? 'tiro';
      const treatment = { on: stages[stage][driven], evil: evilAnswer };
      await poisonJob(`${stage}: ${name}`, { provider: driven, treatment });
    }
  }

  async function poisonStorage(): Promise<void> {
    const odd = [
      'no address',
      '',
      'ftp://a.test/b',
      'http://[::1',
      'http://127.0.0.1:99999/a',
      'http://127.0.0.1:1/a',
      'https://no-such-host.invalid/a',
    ];
    const places = [...odd, ...names(evilStorage).map((name) => evil.place('storage', name))].slice(0, 18);
    const providers = ['tiro', 'slng', 'twelvelabs'] as const;
    for (const [index, storage] of places.entries()) {
      const provider = providers[index % 3] ?? 'tiro';
      await poisonJob(`storage ${storage}`, { provider, treatment: { on: stages.upload[provider], storage } });
    }
    for (const name of ['reset in the middle', 'two lengths', 'cut in the middle', 'endless'] as const) {
      const storage = evil.place('storage', name);
      await poisonJob(`download: ${name}`, { provider: 'slng', treatment: { on: stages.results.slng, storage } });
    }
  }

  async function poisonSources(): Promise<void> {
    const pipe = join(world.folder, 'pipe.wav');
    await promisify(execFile)('mkfifo', [pipe]);
    await mkdir(join(world.folder, 'folder.wav'));
    const swapped = join(world.folder, 'swapped.wav');
    const files = {
      pipe: pathToFileURL(pipe).href,
      folder: pathToFileURL(join(world.folder, 'folder.wav')).href,
      device: 'file:///dev/zero',
      missing: 'file:///no/such/talk.wav',
      NUL: `${source}%00.wav`,
      empty: await world.writeSource('empty.wav', ''),
      'another host': 'file://elsewhere/talk.wav',
      'a very long name': `${source}${'x'.repeat(5000)}`,
      'no media': await world.writeSource('liar.wav', 'RIFF\xff\xff\xff\xffWAVEfmt '),
      'an impossible name': `https://${'x'.repeat(64)}.invalid/talk.wav`,
      'an unknown host': 'https://no-such-host.invalid/talk.wav',
      'TLS garbage': `${evil.origin.replace('http:', 'https:')}/talk.wav`,
      'a closed port': 'http://127.0.0.1:1/talk.wav',
    };
    for (const [index, [name, uri]] of Object.entries(files).entries()) {
      const provider = simulatedProviders[index % 4] ?? 'tiro';
      await poisonJob(`source: ${name}`, { provider, input: { source: uri } });
    }
    for (const [index, name] of names(evilSources).entries()) {
      // All that is there for media alone, and every other answer.
      if (index % 2 === 1 && name in evilAnswers) continue;
      const provider = simulatedProviders[index % 4] ?? 'tiro';
      await poisonJob(`source: ${name}`, { provider, input: { source: evil.place('source', name) } });
    }
    for (const provider of simulatedProviders) {
      const path = `${swapped}-${provider}.wav`;
      await writeFile(path, makeWav(31));
      const swap = () => {
        void rename(path, `${path}.away`)
          .then(() => mkdir(path))
          .catch(() => undefined);
      };
      const treatment = { on: /^POST /, seen: swap };
      await poisonJob('source: becomes a folder', { provider, treatment, input: { source: pathToFileURL(path).href } });
    }
  }

  async function poisonCancellations(): Promise<void> {
    for (const provider of simulatedProviders) {
      const atOnce = await poisonJob('cancelled at once', { provider });
      await atOnce.handle.cancel();
      for (const stage of names(stages)) {
        const hangs = { on: stages[stage][provider], evil: () => undefined, times: 1 };
        let cancel = () => undefined as unknown;
        const seen = () => void cancel();
        const treatment =
          stage === 'upload'
            ? { on: hangs.on, storage: evil.place('storage', 'endless headers'), seen }
            : { ...hangs, seen };
        const job = await poisonJob(`cancelled in ${stage}`, { provider, treatment, input: { deadline: '10s' } });
        cancel = () => job.handle.cancel();
      }
    }
  }

  async function poisonInputs(): Promise<void> {
    const long = 'x'.repeat(100_000);
    const steps = [{ provider: 'tiro' }];
    const anything = [null, 5, long, [], {}, { source: 7 }, { source: long }, { source: null }];
    const jobs = [
      ...[
        { credential: 7 },
        { credential: long },
        { notify: 'me' },
        { notify: [7] },
        { deadline: {} },
        { deadline: 'soon' },
      ].map((more) => ({ source, ...more })),
      ...anything,
    ];
    const pipelines = [
      ...[{ steps: 7 }, { steps: [null] }, { steps: [{}] }, { steps: [{ provider: 'nobody' }] }, { steps: [] }].map(
        (more) => ({ source, ...more }),
      ),
      ...[{ source: 7 }, { source, strategy: 'best' }, { source, notify: 7 }].map((more) => ({ steps, ...more })),
      ...anything,
    ];
    const tracked = { provider: 'tiro', resource: 'voice-file-job', id: 'a' };
    const tracks = [
      ...[
        { id: 7 },
        { id: long },
        { resource: 'toString' },
        { provider: long },
        { deadlineMs: 'soon' },
        { deadlineMs: -1 },
        { credential: [] },
      ].map((more) => ({ ...tracked, ...more })),
      ...anything,
    ];
    const byType = {
      tiroTranscription: jobs,
      slngTranscription: [null, ...jobs.slice(0, 3)],
      soketTranscription: [[], ...jobs.slice(3, 5)],
      twelvelabsUpload: [long, jobs[0]],
      mediaPipeline: pipelines,
      trackJob: tracks,
      ingest: [
        null,
        {},
        { directory: 7, steps },
        { directory: '/no/such', steps: 'all' },
        { directory: world.folder, steps: [{}] },
      ],
    };
    for (const [type, inputs] of Object.entries(byType)) {
      for (const [index, input] of inputs.entries()) {
        const shown = JSON.stringify(input).slice(0, 60);
        await poison(`${type}(${shown})`, type, `provider-job/tiro/${type}-${String(index)}`, input);
      }
    }
  }

  it('lives, ends each with its reason, and does the ordinary jobs beside them', async () => {
    worker = await startWorkerProcess(environment());
    const { pid } = worker.process;
    const ordinary = await Promise.all(
      simulatedProviders.flatMap((provider) =>
        [1, 2].map((index) => {
          const id = `provider-job/${provider}/ordinary-${String(index)}`;
          return world.start(lifecycleWorkflowTypes[provider], id, { source, deadline: '2m' });
        }),
      ),
    );
    // No result can be written for as long as the jobs are started.
    await writeFile(world.resultsDirectory, 'a file in the place of the directory');
    await Promise.all([poisonAnswers(), poisonStorage(), poisonSources(), poisonCancellations(), poisonInputs()]);
    await rm(world.resultsDirectory);

    await eventually('each has ended or says why it waits', () => allExplained(poisons), 60_000, 500);
    for (const handle of ordinary)
      expect(await handle.result(), handle.workflowId).toMatchObject({ phase: 'succeeded' });
    expect({ pid: worker.process.pid, exitCode: worker.process.exitCode }).toEqual({ pid, exitCode: null });
    expect(await worker.drain()).toBe(0);
  }, 600_000);

  it('lives where media may come from public addresses only', async () => {
    worker = await startWorkerProcess({ ...environment(), PROVIDER_JOBS_ALLOW_PRIVATE_SOURCES: 'false' });
    const uris = [
      'https://no-such-host.invalid/a.wav',
      `https://${'x'.repeat(64)}.invalid/a.wav`,
      'https://127.0.0.1/a.wav',
      'https://localhost/a.wav',
    ];
    const refused = await Promise.all(
      uris.map((uri, index) =>
        poisonJob(`public source ${uri}`, {
          provider: simulatedProviders[index] ?? 'tiro',
          input: { source: uri, deadline: '3s' },
        }),
      ),
    );
    const ordinary = await world.start('slngTranscription', 'provider-job/slng/beside', { source });
    expect(await ordinary.result()).toMatchObject({ phase: 'succeeded' });
    await eventually('they say why they wait', () => allExplained(refused));
    expect(await worker.drain()).toBe(0);
  });
});
