import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { answer, type ApiServer, startApiServer } from '../http/api-server.ts';
import { startWorld, type World } from '../setup/world.ts';

vi.mock(import('../../src/providers/registry.ts'), async (importOriginal) => {
  const [original, { fifth }] = await Promise.all([importOriginal(), import('./fifth-provider.ts')]);
  const providers = { ...original.providers, fifth };
  return {
    ...original,
    providers,
    providerNames: Object.keys(providers) as typeof original.providerNames,
    isProviderName: (word: string): word is (typeof original.providerNames)[number] => Object.hasOwn(providers, word),
  };
});

describe('a fifth provider that is only tracked', () => {
  let server: ApiServer;
  let world: World;
  beforeAll(async () => {
    server = await startApiServer();
    world = await startWorld({ environment: { FIFTH_API_KEY: 'fifth-key', FIFTH_BASE_URL: server.url } });
  });
  afterAll(async () => {
    await world.close();
    await server.close();
  });

  it('has a queue for its calls and none for transfers', () => {
    expect(world.config.roles).toContain('fifth-transfer');
    expect(world.worker?.taskQueues).toContain('provider-jobs-fifth');
    expect(world.worker?.taskQueues).not.toContain('provider-jobs-fifth-transfer');
  });

  it('is followed to its end', async () => {
    server.answers.push(answer(200, { state: 'busy' }), answer(200, { state: 'finished' }));
    const input = { provider: 'fifth', resource: 'render', id: 'r1', observe: 'terminal' };
    const handle = await world.start('trackJob', 'provider-job/fifth/render/r1', input);
    expect(await handle.result()).toMatchObject({ provider: 'fifth', jobId: 'r1', phase: 'succeeded', statusCalls: 2 });
    expect(server.requests[0]).toMatchObject({ path: '/renders/r1', headers: { 'x-fifth-key': 'fifth-key' } });
  });
});
