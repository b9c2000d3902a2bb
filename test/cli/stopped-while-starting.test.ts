import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { fakeExecutable, scratchFolder } from '../dev/fake-executable.ts';
import { isRunning } from '../dev/is-running.ts';
import { eventually } from '../setup/eventually.ts';
import { namespaceOf } from '../setup/namespaces.ts';
import { bareEnvironment, startProgram } from './run-program.ts';

const anyPorts = ['--temporal-port', '0', '--ui-port', '0', '--simulator-port', '0'];
const interrupted = 130;
// A second or two, on a machine that has other tests to run.
const soonMs = 20_000;

/** A program's children and theirs, whatever process group they are in. */
function descendantsOf(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'ppid=,pid='], { encoding: 'utf8' });
  const all = stdout.split('\n').map((line) => line.trim().split(/ +/).map(Number));
  const below = (parent: number): number[] =>
    all.filter(([ppid]) => ppid === parent).flatMap(([, child = 0]) => [child, ...below(child)]);
  return below(pid);
}

async function expectAllGone(child: ChildProcess, ended: Promise<unknown>, signal: NodeJS.Signals): Promise<void> {
  const started = descendantsOf(child.pid ?? 0);
  const askedAt = Date.now();
  child.kill(signal);
  await ended;
  await eventually('nothing is left running', () => !started.some(isRunning), soonMs);
  expect(Date.now() - askedAt).toBeLessThan(soonMs);
}

/** A server that takes connections and never answers; `reached` once somebody waits for it. */
async function startSilentServer() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { address: `127.0.0.1:${String(port)}`, reached: once(server, 'connection') };
}

describe('a command that is asked to stop while it starts ends at once, with all that it has started:', () => {
  test.each([
    { command: ['dev', ...anyPorts], signal: 'SIGINT' },
    { command: ['demo'], signal: 'SIGTERM' },
  ] as const)('$command.0, whose Temporal server is slow to come up', async ({ command, signal }) => {
    const temporal = await fakeExecutable(join(await scratchFolder(), 'temporal'), 'sleep 600 & wait');
    const { child, ended, written } = startProgram([...command], { TEMPORAL_CLI_PATH: temporal });
    await eventually('it waits', () => written.stdout.includes('Starting the Temporal server'), 30_000);
    // The server and what it runs; while sources are compiled there is a compiler too.
    await eventually('it runs', () => descendantsOf(child.pid ?? 0).length >= 2);
    await expectAllGone(child, ended, signal);
    expect(await ended).toMatchObject({ exitCode: interrupted, stderr: '' });
  });

  const joined = () => ({
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TEMPORAL_NAMESPACE: namespaceOf(expect.getState().testPath ?? ''),
  });
  test.each([
    { command: ['dev', ...anyPorts], said: 'Using the Temporal server', children: 1 },
    { command: ['dev', ...anyPorts], said: 'Started the simulator', children: 2 },
    { command: ['demo'], said: 'Started the simulator', children: 2 },
  ])('$command.0, $children of whose children are not ready or just so', async ({ command, said, children }) => {
    const { child, ended, written } = startProgram(command, joined());
    await eventually('it is on its way', () => written.stdout.includes(said), 30_000);
    await eventually('they run', () => descendantsOf(child.pid ?? 0).length >= children);
    await expectAllGone(child, ended, 'SIGINT');
    expect(await ended).toMatchObject({ exitCode: interrupted });
  });

  test('a worker, which Temporal does not answer', async () => {
    const { address, reached } = await startSilentServer();
    const { child, ended } = startProgram(['worker'], { TEMPORAL_ADDRESS: address });
    await reached;
    await expectAllGone(child, ended, 'SIGINT');
    expect(await ended).toMatchObject({ exitCode: interrupted });
  });

  test('a worker whose parent ends without a word', async () => {
    const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), main, 'worker', '--child'], {
      env: { ...bareEnvironment(), TEMPORAL_ADDRESS: (await startSilentServer()).address },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const ended = once(child, 'exit');
    child.disconnect();
    await ended;
    expect(child.exitCode).toBe(interrupted);
  });
});
