import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTemporalServer, type TemporalServer } from '../../src/dev/temporal-server.ts';
import { isRunning } from '../dev/is-running.ts';
import { eventually } from '../setup/eventually.ts';
import { type Rehearsal, startRehearsal } from './rehearsal.ts';

let rehearsal: Rehearsal;
let folder: string;
let server: TemporalServer;
const start = (port?: number) =>
  startTemporalServer({
    ...{ env: process.env, temporalCliPath: process.env['TEMPORAL_CLI_PATH'], ui: false, port },
    dbFilename: join(folder, 'temporal.db'),
  });
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provider-jobs-temporal-'));
  server = await start();
  rehearsal = await startRehearsal('temporal-restart', { namespace: 'default', temporalAddress: server.address });
});
afterAll(async () => {
  await rehearsal.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

it('the Temporal server was restarted', async () => {
  const { run, show, showOnce, world } = rehearsal;
  const worker = await rehearsal.startWorker();
  world.simulator.setPlan('tiro', { durationMs: 20 * 60_000 });
  await run('provider-jobs run tiro talk-1.wav --key talk-1 --detach', { prints: /Started/ });
  await run('until provider-jobs status provider-job/tiro/talk-1 | grep PROCESSING; do sleep 0.2; done');
  const { pid } = server;
  if (pid === null) throw new Error('the server is not ours');
  process.kill(pid, 'SIGKILL');
  await eventually('the server is gone', () => !isRunning(pid));

  await show('seen', 'provider-jobs status provider-job/tiro/talk-1', { exitCode: 2, prints: /No Temporal server/ });
  server = await start(Number(new URL(`http://${server.address}`).port));
  const doctor = "provider-jobs doctor | grep -e ' Temporal:' -e Workers: | cut -c1-100";
  await showOnce('over', doctor, { prints: /^ok {4}Temporal.*\nok {4}Workers: poll provider-jobs/ });
  await showOnce('over', 'provider-jobs status provider-job/tiro/talk-1', { prints: /^succeeded.*outcome\.json/s });
  expect(worker.process.exitCode).toBeNull();
  expect(world.simulator.counters().jobsCreated.tiro).toBe(1);
  await rehearsal.expectInRunbook();
});
