import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startTemporalServer } from '../../src/dev/temporal-server.ts';
import { searchAttributeKeys } from '../../src/contract/search-attributes.ts';
import { fakeExecutable, scratchFolder } from './fake-executable.ts';
import { isRunning } from './is-running.ts';

test('starts a server that knows the search attributes and is gone after close', async () => {
  const lines: string[] = [];
  const server = await startTemporalServer({
    env: process.env,
    temporalCliPath: process.env.TEMPORAL_CLI_PATH,
    onProgress: (line) => {
      lines.push(line);
    },
  });
  onTestFinished(() => server.close());
  expect(lines.at(-1)).toContain('Starting the Temporal server');

  const connection = await Connection.connect({ address: server.address });
  onTestFinished(() => connection.close());
  const { namespace } = server;
  const described = await connection.workflowService.describeNamespace({ namespace });
  expect(described.namespaceInfo?.name).toBe('default');
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(searchAttributeKeys.map(({ name }) => name)));
  const page = await vi.waitFor(() => fetch(String(server.webUrl)), { timeout: 20_000 });
  expect(page.status).toBe(200);

  const pid = Number(server.pid);
  expect(isRunning(pid)).toBe(true);
  await server.close();
  await server.close();
  expect(isRunning(pid)).toBe(false);
});

test('keeps its state in the file it is given, and its ports and namespace are those asked for', async () => {
  const dbFilename = join(await scratchFolder(), 'temporal.db');
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  await new Promise((resolve) => free.close(resolve));
  const start = () =>
    startTemporalServer({
      env: process.env,
      temporalCliPath: process.env.TEMPORAL_CLI_PATH,
      namespace: 'media',
      port,
      ui: false,
      dbFilename,
    });

  const first = await start();
  onTestFinished(() => first.close());
  expect(first).toMatchObject({ address: `127.0.0.1:${String(port)}`, namespace: 'media', webUrl: null });
  const namespaceId = await idOfNamespace(first.address);
  await first.close();

  const second = await start();
  onTestFinished(() => second.close());
  expect(await idOfNamespace(second.address)).toBe(namespaceId);
});

test('starts nothing when there is an address already', async () => {
  const server = await startTemporalServer({ env: {}, temporalAddress: 'temporal.internal:7233', namespace: 'media' });
  expect(server).toMatchObject({ address: 'temporal.internal:7233', namespace: 'media', webUrl: null, pid: null });
  await server.close();
});

test.each(['port', 'uiPort'] as const)('names a taken %s and what to do', async (option) => {
  const occupant = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => {
    occupant.close();
  });
  await once(occupant, 'listening');
  const { port } = occupant.address() as AddressInfo;
  await expect(startTemporalServer({ env: process.env, [option]: port })).rejects.toThrow(
    new RegExp(`Port ${String(port)} on 127.0.0.1.*EADDRINUSE.*Stop what listens there`),
  );
});

test('passes on the last words of a server that dies at once', async () => {
  const temporalCliPath = await fakeExecutable(
    join(await scratchFolder(), 'temporal'),
    'echo "unable to open database file" >&2; exit 1',
  );
  await expect(startTemporalServer({ env: process.env, temporalCliPath })).rejects.toThrow(
    'ended with exit code 1. Its last words: unable to open database file',
  );
});

async function idOfNamespace(address: string): Promise<string | null | undefined> {
  const connection = await Connection.connect({ address });
  try {
    const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace: 'media' });
    return namespaceInfo?.id;
  } finally {
    await connection.close();
  }
}
