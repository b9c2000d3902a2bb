import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findFreePort } from '../../src/dev/free-port.ts';
import { startProgram } from '../../src/dev/temporal-program.ts';

/** A server that a contender keeps its jobs in. */
export interface ParkingServer {
  pid: number;
  port: number;
  stop(): Promise<void>;
}

const startLimitMs = 30_000;

/** A program on PATH, or where Debian puts those of PostgreSQL; null where there is none. */
export function findProgram(name: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const debian = ['17', '16', '15'].map((version) => `/usr/lib/postgresql/${version}/bin`);
  return [...folders, ...debian].map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

/** The versions of those programs that are there. */
export function programVersions(...names: string[]): Record<string, string> {
  const versions = names.flatMap((name) => {
    const path = findProgram(name);
    const said = path === null ? '' : spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout;
    const version = /\d+(\.\d+)+/.exec(said)?.[0];
    return version === undefined ? [] : [[name, version] as const];
  });
  return Object.fromEntries(versions);
}

async function start(path: string, args: string[], port: number, isUp: () => Promise<boolean>): Promise<ParkingServer> {
  const program = startProgram({ path, args, env: process.env, lastSignal: 'SIGINT' });
  const state = { fault: null as string | null };
  void program.ended.then((fault) => (state.fault = fault ?? 'it ended by itself'));
  const giveUp = AbortSignal.timeout(startLimitMs);
  while (!(await isUp().catch(() => false))) {
    if (state.fault !== null || giveUp.aborted) {
      await program.stop();
      throw new Error(`${path} did not start: ${state.fault ?? ''} ${program.stderrTail().slice(-300)}`);
    }
    await delay(100);
  }
  return { pid: program.pid ?? 0, port, stop: () => program.stop() };
}

/** Redis with an append-only file, so that jobs outlive it. */
export async function startRedis(folder: string): Promise<ParkingServer> {
  const path = findProgram('redis-server');
  if (path === null) throw new Error('there is no redis-server');
  await mkdir(folder, { recursive: true });
  const port = await findFreePort();
  const cli = findProgram('redis-cli') ?? 'redis-cli';
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes'];
  return start(path, args, port, async () => {
    const { stdout } = await promisify(execFile)(cli, ['-p', String(port), 'ping']);
    return stdout.includes('PONG');
  });
}

// PostgreSQL refuses to run as root.
const otherUser = 'postgres';

function asOther(command: string[]): [string, string[]] {
  const [program = '', ...args] = command;
  if (process.getuid?.() !== 0) return [program, args];
  return [
    findProgram('setpriv') ?? 'setpriv',
    [`--reuid=${otherUser}`, `--regid=${otherUser}`, '--clear-groups', program, ...args],
  ];
}

/** PostgreSQL as initdb sets it up, with a cluster of its own; it makes way for nobody and asks for no password. */
export async function startPostgres(folder: string): Promise<ParkingServer & { url: string }> {
  const [initdb, postgres, psql] = ['initdb', 'postgres', 'psql'].map(findProgram);
  if (initdb == null || postgres == null || psql == null) throw new Error('there is no PostgreSQL');
  await mkdir(folder, { recursive: true });
  if (process.getuid?.() === 0) {
    const id = (kind: string) => Number(spawnSync('id', [kind, otherUser], { encoding: 'utf8' }).stdout);
    await chown(folder, id('-u'), id('-g'));
    // The folders on the way are of whoever runs this.
    for (let above = dirname(folder); above.includes('provider-jobs-bench-'); above = dirname(above))
      await chmod(above, 0o711);
  }
  const cluster = join(folder, 'cluster');
  const [program, args] = asOther([initdb, '-D', cluster, '-U', otherUser, '--auth=trust', '--no-sync']);
  const made = spawnSync(program, args, { encoding: 'utf8', cwd: '/' });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr.slice(-300)}`);
  const port = await findFreePort();
  const [path, rest] = asOther([postgres, '-D', cluster, '-p', String(port), '-h', '127.0.0.1', '-k', folder]);
  const url = `postgresql://${otherUser}@127.0.0.1:${String(port)}/parked`;
  const server = await start(path, rest, port, async () => {
    await promisify(execFile)(psql, [
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-U',
      otherUser,
      '-c',
      'create database parked',
    ]);
    return true;
  });
  return { ...server, url };
}

/** The size of the database that jobs are in, in MiB. */
export async function postgresMiB({ port }: ParkingServer): Promise<number> {
  const query = "select pg_database_size('parked')";
  const args = ['-h', '127.0.0.1', '-p', String(port), '-U', otherUser, '-tAc', query];
  const { stdout } = await promisify(execFile)(findProgram('psql') ?? 'psql', args);
  return Number(stdout) / 1024 ** 2;
}

/** A Restate server as npm brings it, on one node. */
export async function startRestate(folder: string): Promise<ParkingServer & { adminPort: number }> {
  const bench = createRequire(import.meta.url);
  const path = bench.resolve(`@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`);
  await mkdir(folder, { recursive: true });
  const [port, adminPort, nodePort] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const settings = {
    RESTATE_BASE_DIR: folder,
    RESTATE_LISTEN_MODE: 'tcp',
    RESTATE_BIND_ADDRESS: `127.0.0.1:${String(nodePort)}`,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${String(port)}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${String(adminPort)}`,
    RESTATE_LOG_FILTER: 'error',
    RESTATE_DISABLE_TELEMETRY: 'true',
  };
  const variables = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const server = await start('/usr/bin/env', [...variables, path, '--no-logo'], port, async () => {
    const [admin, ingress] = await Promise.all([
      fetch(`http://127.0.0.1:${String(adminPort)}/health`),
      fetch(`http://127.0.0.1:${String(port)}/restate/health`),
    ]);
    return admin.ok && ingress.ok;
  });
  return { ...server, adminPort };
}
