import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { runCommandLine } from '../../src/cli/run-command-line.ts';
import { findFreePort } from '../../src/dev/free-port.ts';
import { lastJson, runProgram, startProgram } from './run-program.ts';

// Nothing listens there.
const nowhere = { TEMPORAL_ADDRESS: '127.0.0.1:1' };

const wrongUses: { args: string[]; names: string[]; environment?: Record<string, string> }[] = [
  { args: ['frobnicate'], names: ["unknown command 'frobnicate'"] },
  { args: ['track', 'nobody', '1'], names: ['soket, twelvelabs, tiro, slng'] },
  { args: ['track', 'soket', 'x', '--resource', 'asset', '--deadline', 'soon'], names: ['resource:', 'deadline:'] },
  {
    args: ['run', 'tiro', 'talk.wav', '--option', 'speed=2', '--deadline', 'soon', '--credential', 'A key'],
    names: ['speed: no such option', 'deadline:', 'credential:'],
  },
  { args: ['run', 'tiro', 'talk.wav', '--option', 'source=file:///other.wav'], names: ['--option source'] },
  { args: ['run', 'tiro', ''], names: ['source:'] },
  { args: ['run', 'tiro', 'talk.wav', '--option', 'speed', '--options', '[]'], names: ['--option speed', '--options'] },
  { args: ['run', 'tiro', 'talk.wav', '--media-type', 'mp3'], names: ['mediaType:', 'audio/mpeg'] },
  { args: ['run', 'tiro', 'talk.wav', '--media-type', 'text/html'], names: ['mediaType:', 'audio/mpeg'] },
  { args: ['run', 'tiro', 'talk.wav', '--duration', '90'], names: ['--duration', 'with its unit'] },
  { args: ['pipeline', 'talk.wav', '--steps', 'tiro', '--duration', 'long'], names: ['--duration', 'with its unit'] },
  { args: ['run', 'slng', 'talk.wav', '--option', 'sendAs=address'], names: ['sendAs:', 'https:'] },
  { args: ['pipeline', 'talk.wav'], names: ['either --steps or --file'] },
  { args: ['pipeline', 'talk.wav', '--steps', 'tiro,nobody'], names: ['steps.1.provider'] },
  {
    args: ['dev', '--live', '--time-scale', '10'],
    names: ['PROVIDER_JOBS_TIME_SCALE', 'the real service of Tiro would', 'TIRO_BASE_URL'],
    environment: { TIRO_API_KEY__ACME: 'canary-5f1d', PROVIDER_JOBS_ROLES: 'slng' },
  },
  { args: ['schedules', 'apply', 'no-such-file.json'], names: ['no-such-file.json'] },
  { args: ['simulator', '--port', '70000'], names: ['port'] },
  {
    args: ['sweep', '--provider', 'tiro', '--older-than', 'soon', '--credential', 'A key'],
    names: ['providers.0: expected one of soket, twelvelabs', 'olderThan: expected a duration', 'credentials.0:'],
  },
  {
    args: ['track', 'tiro', '1', '--deadline', 'soon'],
    names: ['PROVIDER_JOBS_TIME_SCALE', 'TIRO_BASE_URL', 'PROVIDER_JOBS_TRANSFERS', 'deadline:'],
    environment: { PROVIDER_JOBS_TIME_SCALE: 'fast', TIRO_BASE_URL: 'tiro', PROVIDER_JOBS_TRANSFERS: '0' },
  },
];

test.each(wrongUses)('ends with 2 and names every fault of $args', async ({ args, names, environment }) => {
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => ((written[name] += String(text)), true));
  }
  onTestFinished(() => void vi.restoreAllMocks());
  const context = { environment: environment ?? {}, cwd: '/', mainFile: '/main.ts' };
  const exitCode = await runCommandLine(args, context);
  vi.restoreAllMocks();
  expect({ exitCode, stdout: written.stdout }).toEqual({ exitCode: 2, stdout: '' });
  for (const name of names) expect(written.stderr).toContain(name);
  expect(written.stderr).not.toMatch(/^ +at /m);
});

test.each([[['worker']], [['track', 'tiro', 'a-job', '--json']]])(
  'ends %s with 2 and names `dev` where no Temporal server answers',
  async (args) => {
    const startedAt = Date.now();
    const end = await runProgram(args, { ...nowhere, TIRO_API_KEY: 'canary.5f1d' });
    const { exitCode, stdout, stderr } = end;
    expect(exitCode).toBe(2);
    if (args.includes('--json')) {
      const message = expect.stringContaining('127.0.0.1:1') as string;
      expect(lastJson(end)).toEqual({ failure: { type: 'InvalidInput', message } });
    } else expect(stdout).toBe('');
    expect(stderr).toContain('127.0.0.1:1');
    expect(stderr).toContain('provider-jobs dev');
    expect(stderr).not.toContain('canary');
    expect(Date.now() - startedAt).toBeLessThan(30_000);
  },
);

test.each([
  { args: ['track', 'nobody', '1', '--json'], names: 'soket, twelvelabs, tiro, slng' },
  { args: ['list', '--limit', '1.5', '--json'], names: 'whole number above 0' },
  { args: ['list', '--failure', 'Nonsense', '--json'], names: 'CredentialRejected' },
  { args: ['resume', '--json'], names: '--provider, --failure or --since' },
  {
    args: ['resume', 'provider-job/tiro/x', '--provider', 'tiro', '--json'],
    names: '--provider, --failure or --since',
  },
  { args: ['resume', 'nonsense', '--json'], names: 'nonsense: expected the workflow id' },
  { args: ['resume', '--since', 'soon', '--json'], names: '--since soon' },
  { args: ['resume', '--since', '-6', '--json'], names: '--since -6' },
  { args: ['resume', '--since', '6', '--json'], names: '--since 6' },
  { args: ['resume', '--since', '2026', '--json'], names: '--since 2026' },
  { args: ['resume', '--since', 'monday 1', '--json'], names: '--since monday 1' },
  { args: ['resume', '--since', '-6h', '--json'], names: '--since -6h' },
  { args: ['resume', '--since', '2026-11-28 03:00', '--json'], names: '--since 2026-11-28 03:00' },
  { args: ['resume', '--since', '2026-13-01', '--json'], names: '--since 2026-13-01' },
  { args: ['resume', '--failure', 'Nonsense', '--json'], names: 'CredentialRejected' },
  { args: ['again', '--json'], names: 'workflow-id' },
  { args: ['run', 'tiro', 'talk.wav', '--deadline', 'soon', '--json'], names: 'deadline:' },
])('ends $args with its failure as one JSON object', async ({ args, names }) => {
  let stdout = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => void vi.restoreAllMocks());
  expect(await runCommandLine(args, { environment: {}, cwd: '/', mainFile: '/main.ts' })).toBe(2);
  const message = expect.stringContaining(names) as string;
  expect(JSON.parse(stdout)).toEqual({ failure: { type: 'InvalidInput', message } });
});

test('ends with 2 and names an address of Temporal that is none, along with what else is wrong', async () => {
  const environment = { TEMPORAL_ADDRESS: 'http://127.0.0.1:7233', PROVIDER_JOBS_TRANSFERS: '0' };
  const { exitCode, stderr } = await runProgram(['list'], environment);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/TEMPORAL_ADDRESS: expected host:port[^]*PROVIDER_JOBS_TRANSFERS/);
});

test('ends with 2 and says which file where .env or a profile of Temporal cannot be read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'provider-jobs-env-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, '.env'));
  const [unreadable, profile] = await Promise.all([
    runProgram(['list'], nowhere, folder),
    runProgram(['list'], { ...nowhere, TEMPORAL_PROFILE: 'nobody' }),
  ]);
  expect([unreadable.exitCode, profile.exitCode]).toEqual([2, 2]);
  expect(unreadable.stderr).toMatch(/^\.env cannot be read/);
  expect(profile.stderr).toContain('TEMPORAL_PROFILE');
  expect(unreadable.stderr + profile.stderr).not.toMatch(/^ +at /m);
});

test('goes on without a word where whoever reads its output has left', async () => {
  const port = String(await findFreePort());
  const { child, ended } = startProgram(['simulator', '--port', port]);
  child.stdout.destroy();
  const answers = () => fetch(`http://127.0.0.1:${port}/_simulator/health`).then(({ ok }) => ok);
  await expect.poll(() => answers().catch(() => false), { timeout: 15_000, interval: 100 }).toBe(true);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ exitCode: 0, stderr: '' });
});

test('reads .env in the working directory, below what is set already', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'provider-jobs-env-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, '.env'), 'PROVIDER_JOBS_TIME_SCALE=from-file\nPROVIDER_JOBS_TRANSFERS=0\n');
  const { stderr } = await runProgram(['list'], { ...nowhere, PROVIDER_JOBS_TIME_SCALE: 'from-shell' }, folder);
  expect(stderr).toContain('from-shell');
  expect(stderr).not.toContain('from-file');
  expect(stderr).toContain('PROVIDER_JOBS_TRANSFERS');
});

test('doctor says what is wrong, without a key, and ends with 1', async () => {
  const environment = { ...nowhere, TIRO_API_KEY: 'canary.5f1d', TIRO_BASE_URL: 'http://127.0.0.1:1/tiro' };
  const others = { SOKET_BASE_URL: 'http://127.0.0.1:1/', SLNG_BASE_URL: 'http://127.0.0.1:1/' };
  const end = await runProgram(['doctor', '--json'], {
    ...environment,
    ...others,
    TWELVELABS_BASE_URL: 'http://127.0.0.1:1/',
  });
  expect(end.exitCode).toBe(1);
  expect(end.stdout.trimEnd().split('\n')).toHaveLength(1);
  const { healthy, checks } = lastJson(end) as { healthy: boolean; checks: { name: string; state: string }[] };
  expect(healthy).toBe(false);
  const states = Object.fromEntries(checks.map(({ name, state }) => [name, state]));
  expect(states).toMatchObject({ 'Node.js': 'ok', Settings: 'ok', Tiro: 'fail', Soket: 'warn', Temporal: 'fail' });
  expect(end.stderr + end.stdout).not.toContain('canary');
});
