import { afterEach, describe, expect, it } from 'vitest';
import type { PipelineResult } from '../../src/client/pipeline-result.ts';
import { lifecycleWorkflowTypes } from '../../src/contract/workflow-types.ts';
import type { LifecycleProvider } from '../../src/providers/lifecycle-inputs.ts';
import { SimulatorAdmin } from '../../src/simulator/admin-client.ts';
import { lastJson, startProgram } from '../cli/run-program.ts';
import { eventually } from '../setup/eventually.ts';
import { seededRandom } from '../setup/seeded-random.ts';
import { worksOf } from './verdict.ts';

const seed = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 1_000_000));
const rounds = 6;
const longestMs = 4000;
const lifecycles = Object.keys(lifecycleWorkflowTypes) as LifecycleProvider[];

describe(`the demo's worker killed at any moment, another started by hand (CRASH_SEED=${String(seed)})`, () => {
  const random = seededRandom(seed);
  const programs: ReturnType<typeof startProgram>[] = [];
  const start = (args: string[], environment?: Record<string, string>) => {
    const program = startProgram(args, environment);
    programs.push(program);
    return program;
  };
  afterEach(async () => {
    for (const { child, ended } of programs.splice(0).reverse()) {
      child.kill('SIGTERM');
      await ended;
    }
  });

  it.each(Array.from({ length: rounds }, () => Math.round(random() * longestMs)))(
    'ends the pipeline with four succeeded jobs, killed %i ms after its start',
    async (afterMs) => {
      const demo = start(['demo', '--keep', '--json']);
      const said = () => demo.written.stdout + demo.written.stderr;
      await eventually('the pipeline runs', () => said().includes('Watch it in the Web UI'), 60_000);
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      process.kill(Number(/Started the worker \(pid (\d+)\)/.exec(said())?.[1]), 'SIGKILL');
      await eventually('it is said how to join', () => /The worker ended.*export.*Web UI:/s.test(said()), 10_000);
      const variables = Object.fromEntries(
        [...said().matchAll(/export (\w+)=(\S+)/g)].map(([, k = '', v = '']) => [k, v]),
      );
      start(['worker'], variables);
      await eventually('the pipeline has ended', () => said().includes('Everything goes on until Ctrl-C'), 240_000);

      const { jobs } = lastJson({ exitCode: null, ...demo.written }) as PipelineResult;
      expect(jobs.map(({ phase }) => phase)).toEqual(['succeeded', 'succeeded', 'succeeded', 'succeeded']);
      const simulator = new SimulatorAdmin(variables['TIRO_BASE_URL']?.replace(/\/tiro$/, '') ?? '');
      const counters = await simulator.counters();
      for (const provider of lifecycles) {
        expect(worksOf(provider, await simulator.jobs(provider), counters).used, provider).toHaveLength(1);
      }
      const [parts = {}] = Object.values(counters.parts);
      const again = Object.values(parts).reduce((sum, count) => sum + count - 1, 0);
      expect(Object.keys(parts)).toHaveLength(8);
      // The clip has fewer parts than one report holds, so that one kill may cost each of them once.
      expect(Math.max(...Object.values(parts))).toBeLessThanOrEqual(2);
      console.log(`killed after ${String(afterMs)} ms: four succeeded, ${String(again)} parts sent again`);
    },
  );
});
