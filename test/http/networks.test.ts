import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { createProviderAgents } from '../../src/http/agents.ts';
import { openSource } from '../../src/upload/open-source.ts';
import { startContentServer } from '../upload/content-server.ts';

const run = promisify(execFile);
const at = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
const behaviour = { content: Buffer.from('media of a private network'), etag: '"1"' };

describe('a certificate authority in NODE_EXTRA_CA_CERTS', () => {
  it('is trusted by the calls to providers and by sources, and without it neither is made', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'provider-jobs-ca-'));
    const server = await startContentServer(behaviour);
    onTestFinished(async () => {
      await server.close();
      await rm(folder, { recursive: true });
    });
    const file = join(folder, 'ask.mts');
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, server.ca);
    await writeFile(
      file,
      `
      import { createProviderAgents } from ${at('http/agents.ts')};
      import { openSource } from ${at('upload/open-source.ts')};
      const origin = ${JSON.stringify(server.origin)};
      const agents = createProviderAgents();
      const call = agents.calls.request({ origin, path: '/', method: 'GET' }).then(({ statusCode }) => statusCode);
      const source = openSource(origin + '/a.wav', { allowPrivateAddresses: true }).then(({ sizeBytes }) => sizeBytes);
      const ends = await Promise.allSettled([call, source]);
      console.log(JSON.stringify(ends.map((end) => end.value ?? end.reason.message)));
      process.exit();`,
    );
    const cwd = fileURLToPath(new URL('../..', import.meta.url));
    const ask = async (extra: NodeJS.ProcessEnv) => {
      const env = { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: undefined, ...extra };
      const { stdout } = await run(process.execPath, ['--import', 'tsx', file], { cwd, env });
      return JSON.parse(stdout) as unknown;
    };
    expect(await ask({ NODE_EXTRA_CA_CERTS: ca })).toEqual([200, behaviour.content.length]);
    const refusal = expect.stringMatching(/self.signed/i) as string;
    expect(await ask({})).toEqual([refusal, refusal]);
  });
});

describe('a machine that is reached by IPv6 alone', () => {
  it('answers calls to a provider and gives a source', async () => {
    const server = await startContentServer(behaviour, false, '::1');
    const agents = createProviderAgents();
    onTestFinished(async () => {
      await agents.close();
      await server.close();
    });
    const { statusCode, body } = await agents.calls.request({ origin: server.origin, path: '/', method: 'GET' });
    await body.dump();
    expect([server.origin.slice(0, 12), statusCode]).toEqual(['http://[::1]', 200]);
    const source = await openSource(`${server.origin}/a.wav`, { allowPrivateAddresses: true });
    expect(source).toMatchObject({ sizeBytes: behaviour.content.length, isPublic: false });
    await source.close();
    await expect(openSource(`${server.origin}/a.wav`)).rejects.toMatchObject({ kind: 'refused' });
  });

  it('is Temporal for clients and workers', async () => {
    const [host = '', port] = inject('temporalAddress').split(':');
    const bridge = createServer((socket) => {
      const far = connect(Number(port), host);
      socket.pipe(far).pipe(socket);
      for (const end of [socket, far]) end.on('error', () => far.destroy());
    });
    await new Promise<void>((resolve) => bridge.listen(0, '::1', resolve));
    const address = `[::1]:${String((bridge.address() as AddressInfo).port)}`;
    const [client, worker] = await Promise.all([
      Connection.connect({ address }),
      NativeConnection.connect({ address }),
    ]);
    onTestFinished(async () => {
      await Promise.all([client.close(), worker.close()]);
      bridge.close();
    });
    const answers = [client, worker].map(({ workflowService }) => workflowService.getSystemInfo({}));
    expect((await Promise.all(answers)).map(({ serverVersion }) => serverVersion)).toEqual([
      expect.stringMatching(/^1\./),
      expect.stringMatching(/^1\./),
    ]);
  });
});
