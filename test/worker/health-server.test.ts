import { afterEach, describe, expect, it } from 'vitest';
import { type HealthServer, type Readiness, startHealthServer } from '../../src/worker/health-server.ts';

describe('the health server', () => {
  let server: HealthServer | null = null;
  afterEach(async () => {
    await server?.close();
    server = null;
  });

  it('says that the process lives although it cannot work', async () => {
    server = await startHealthServer(0, () => ({ ready: false, reasons: ['no'] }));
    const response = await fetch(`http://127.0.0.1:${String(server.port)}/healthz`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ok' });
  });

  it('is ready as soon as the worker is, and says why where it is not', async () => {
    let state: Readiness = { ready: false, reasons: ['Temporal does not answer'] };
    server = await startHealthServer(0, () => state);
    const url = `http://127.0.0.1:${String(server.port)}/readyz`;
    const before = await fetch(url);
    expect(before.status).toBe(503);
    expect(await before.json()).toEqual(state);
    state = { ready: true, reasons: [] };
    expect((await fetch(url)).status).toBe(200);
  });

  it('closes although a client keeps its connection open', async () => {
    const closing = await startHealthServer(0, () => ({ ready: true, reasons: [] }));
    const url = `http://127.0.0.1:${String(closing.port)}/healthz`;
    await fetch(url, { headers: { connection: 'keep-alive' } });
    await closing.close();
    await expect(fetch(url)).rejects.toThrow();
  });

  it('fails where the port is taken', async () => {
    server = await startHealthServer(0, () => ({ ready: true, reasons: [] }));
    await expect(startHealthServer(server.port, () => ({ ready: true, reasons: [] }))).rejects.toThrow('EADDRINUSE');
  });
});
