import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Rehearsal, startRehearsal } from './rehearsal.ts';

let rehearsal: Rehearsal;
beforeAll(async () => {
  rehearsal = await startRehearsal('environments', { namespace: 'test-7', replace: { 'test-8': 'rehearsal' } });
});
afterAll(() => rehearsal.close());

it('production and rehearsal stay apart', async () => {
  const { environment, run, show, world } = rehearsal;
  const other = {
    TEMPORAL_NAMESPACE: 'test-8',
    PROVIDER_JOBS_TASK_QUEUE: 'rehearsal',
    PROVIDER_JOBS_RESULTS: join(world.folder, 'rehearsal-results'),
  };
  const own = { TEMPORAL_NAMESPACE: world.namespace, PROVIDER_JOBS_RESULTS: world.resultsDirectory };
  const write = (name: string, variables: object) =>
    writeFile(
      join(rehearsal.directory, name),
      Object.entries(variables)
        .map(([key, value]) => `${key}=${String(value)}\n`)
        .join(''),
    );
  await Promise.all([write('rehearsal.env', other), write('production.env', own)]);
  await rehearsal.startWorker();
  Object.assign(environment, other);
  await rehearsal.startWorker();

  const enter = (name: string) => `set -a; . ./${name}.env; set +a`;
  await show('files', 'cat production.env');
  await show('files', 'cat rehearsal.env');
  await show('run', `${enter('rehearsal')}; provider-jobs run tiro talk-1.wav --key talk-1 | tail -n 6`, {
    prints: /succeeded/,
  });
  delete (environment as Partial<typeof other>).PROVIDER_JOBS_TASK_QUEUE;
  await show('run', `${enter('production')}; provider-jobs list`, { prints: /None/ });
  await run(`${enter('production')}; provider-jobs doctor | grep Workers`, { prints: /poll provider-jobs/ });
  expect(world.simulator.counters().jobsCreated.tiro).toBe(1);
  await rm(other.PROVIDER_JOBS_RESULTS, { recursive: true });
  await rehearsal.expectInRunbook();
});
