import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ResumedJob } from '../../src/index.ts';
import { ProviderJobs } from '../../src/index.ts';
import type { LifecycleProvider } from '../../src/providers/lifecycle-inputs.ts';
import type { Operation } from '../../src/simulator/operations.ts';
import { lastJson, runProgram } from '../cli/run-program.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

const howMany = 200;
const refused: Record<LifecycleProvider, Operation> = {
  soket: 'soket.upload',
  twelvelabs: 'twelvelabs.create-session',
  tiro: 'tiro.create',
  slng: 'slng.create',
};
const made: Record<string, Operation> = {
  ...refused,
  'slng upload': 'slng.storage-put',
  'soket batch': 'soket.submit',
};

describe('200 jobs that a refused key has failed', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ timeScale: 50, namespace: 'default' });
  });
  afterAll(() => world.close());

  it(
    'are resumed by one command, asked twice at once and once more, in one run each',
    { timeout: 600_000 },
    async () => {
      const jobs = new ProviderJobs(world.client);
      const providers = Object.keys(refused) as LifecycleProvider[];
      for (const provider of providers) {
        world.simulator.addFault({ kind: 'status', operation: refused[provider], status: 401, times: null });
      }
      const started = await Promise.all(
        Array.from({ length: howMany }, async (_, index) => {
          const provider = providers[index % providers.length] ?? 'tiro';
          const source = await world.writeSource(`talk-${String(index)}.wav`, makeWav(5, index));
          return jobs.start(provider, { source }, { key: `refused-${String(index)}` });
        }),
      );
      const failed = await Promise.all(started.map((job) => job.result()));
      expect(new Set(failed.map(({ failure }) => failure?.type))).toEqual(new Set(['CredentialRejected']));
      world.simulator.clearFaults();
      const count = () =>
        Object.fromEntries(
          Object.entries(made).map(([what, operation]) => [what, world.simulator.calls({ operation }).length]),
        );
      const before = count();
      const query = "ProviderJobFailure = 'CredentialRejected' AND ExecutionStatus = 'Failed'";
      await eventually('all are listed', async () => (await world.client.workflow.count(query)).count === howMany);

      const command = ['resume', '--failure', 'CredentialRejected', '--json'];
      const shells = await Promise.all([
        runProgram(command, world.environment),
        runProgram(command, world.environment),
      ]);
      expect(shells.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
      const told = shells.map((shell) => (lastJson(shell) as { jobs: ResumedJob[] }).jobs);
      const runs = new Map<string, Set<string | null>>();
      for (const { workflowId, runId, outcome } of told.flat()) {
        expect(['resumed', 'running']).toContain(outcome);
        runs.set(workflowId, (runs.get(workflowId) ?? new Set()).add(runId));
      }
      expect([...runs.keys()].sort()).toEqual(started.map(({ workflowId }) => workflowId).sort());
      expect([...runs.values()].filter(({ size }) => size !== 1)).toEqual([]);

      const results = await Promise.all(started.map(({ workflowId }) => jobs.handle(workflowId).result()));
      expect(results.filter(({ phase }) => phase !== 'succeeded')).toEqual([]);
      expect(results.every(({ workflowId, runId }) => runs.get(workflowId)?.has(runId) === true)).toBe(true);
      const each = howMany / providers.length;
      const after = count();
      expect(
        Object.fromEntries(Object.keys(after).map((what) => [what, (after[what] ?? 0) - (before[what] ?? 0)])),
      ).toEqual({ soket: each, twelvelabs: each, tiro: each, slng: each, 'slng upload': 0, 'soket batch': each });
      const third = await runProgram(command, world.environment);
      expect(third).toMatchObject({ exitCode: 0 });
      expect(lastJson(third)).toEqual({ jobs: [] });
    },
  );
});
