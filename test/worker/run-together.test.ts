import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { eventually } from '../setup/eventually.ts';
import { startWorld } from '../setup/world.ts';

const workflowsPath = fileURLToPath(new URL('../fixtures/ill-formed-signal/index.ts', import.meta.url));

describe('a worker whose completion Core refuses', () => {
  it('takes the others with it: it is neither healthy nor ready, and ends in bounded time with why', async () => {
    const world = await startWorld({
      environment: { PROVIDER_JOBS_HEALTH_PORT: '0' },
      worker: { workflowCode: { workflowsPath }, workerOptions: { shutdownForceTime: '8s' } },
    });
    const { worker } = world;
    const look = async (path: string) => {
      const answer = await fetch(`http://127.0.0.1:${String(worker?.healthPort)}${path}`);
      return { status: answer.status, text: await answer.text() };
    };
    await eventually('it is ready', async () => (await look('/readyz')).status === 200);
    expect((await look('/healthz')).status).toBe(200);

    const handle = await world.client.workflow.start('illFormedSignal', {
      ...{ taskQueue: 'provider-jobs', workflowId: 'ill-formed-signal' },
    });
    await eventually('it is not healthy', async () => (await look('/healthz')).status === 503);
    await eventually('none takes work any more', async () => {
      const { text } = await look('/readyz');
      return worker?.taskQueues.every((taskQueue) => text.includes(`the worker of ${taskQueue} is`));
    });
    await expect(worker?.finished).rejects.toThrow('The worker of provider-jobs died');
    await expect(look('/healthz')).rejects.toThrow();
    await handle.terminate();
    await world.close();
  });
});
