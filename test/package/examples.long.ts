import { execFile } from 'node:child_process';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build as esbuild } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { webpack } from 'webpack';
import { createNexusEndpoint } from '../../src/dev/nexus-endpoint.ts';
import { startWorld, type World } from '../setup/world.ts';
import { copyExample, installExample } from './install-example.ts';
import { type RunningProgram, startProgram } from './running-program.ts';

const run = promisify(execFile);
const speech = fileURLToPath(new URL('../../examples/media/speech.wav', import.meta.url));

// Compilers and workers of their own take their time on a busy machine.
describe('the examples of the package, installed from it', { timeout: 300_000 }, () => {
  let folder: string;
  let example: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'provider-jobs-package-'));
    example = await installExample(folder);
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  describe('with a worker of the package and a worker of the example', () => {
    let world: World;
    let environment: NodeJS.ProcessEnv;
    const programs: RunningProgram[] = [];
    beforeAll(async () => {
      world = await startWorld({ startWorker: false });
      environment = { ...process.env, ...world.environment };
      const options = { cwd: example, env: environment };
      programs.push(
        startProgram(join(example, 'node_modules', '.bin', 'provider-jobs'), ['worker'], options),
        startProgram(process.execPath, ['--import', 'tsx', 'src/worker.ts'], options),
      );
    });
    afterAll(async () => {
      await Promise.all(programs.map((program) => program.stop()));
      await world.close();
    });

    it('runs jobs as children of a workflow from another bundle and task queue', async () => {
      const workflowId = 'compare-transcripts';
      const started = run(process.execPath, ['--import', 'tsx', 'src/start.ts', speech, workflowId], {
        cwd: example,
        env: environment,
      });
      const { stdout } = await Promise.race([started, ...programs.map(({ died }) => died)]);
      const succeeded = { phase: 'succeeded', jobId: expect.any(String) as string, failure: null };
      expect(JSON.parse(stdout)).toEqual({
        inTime: true,
        heard: 2,
        transcripts: [
          { ...succeeded, provider: 'tiro', artifacts: expect.arrayContaining(['transcript.json']) as string[] },
          { ...succeeded, provider: 'slng', artifacts: expect.arrayContaining(['transcript.json']) as string[] },
        ],
      });

      const parent = await world.client.workflow.getHandle(workflowId).describe();
      expect(parent.taskQueue).toBe('own-parent');
      for (const provider of ['tiro', 'slng']) {
        const child = await world.client.workflow
          .getHandle(`provider-job/${provider}/${workflowId}.${provider}`)
          .describe();
        expect(child).toMatchObject({
          taskQueue: 'provider-jobs',
          status: { name: 'COMPLETED' },
          parentExecution: { workflowId },
          searchAttributes: { ProviderName: [provider], ProviderJobPhase: ['succeeded'] },
        });
      }
    });

    it('serves a workflow in another namespace over Nexus, as the example shows', async () => {
      const caller = await copyExample('nexus', example);
      await run('npm', ['run', 'types'], { cwd: caller });
      const endpoint = 'jobs-of-the-package';
      const target = { namespace: world.namespace, taskQueue: 'provider-jobs' };
      expect(await createNexusEndpoint(world.environment.TEMPORAL_ADDRESS ?? '', endpoint, target)).toBe(true);
      const started = run(process.execPath, ['--import', 'tsx', 'src/start.ts', speech, endpoint], {
        cwd: caller,
        env: environment,
      });
      const { stdout } = await Promise.race([started, ...programs.map(({ died }) => died)]);
      expect(JSON.parse(stdout)).toEqual({
        workflowId: expect.stringMatching(/^provider-job\/tiro\/captions-talk-/) as string,
        phase: 'succeeded',
        artifacts: expect.arrayContaining(['transcript.json']) as string[],
      });
    });
  });

  it("does the jobs beside the example's own worker with the plugin, and both drain", async () => {
    const cwd = await copyExample('own-worker', example);
    const world = await startWorld({ startWorker: false });
    onTestFinished(() => world.close());
    const env = { ...process.env, ...world.environment };
    const worker = startProgram(process.execPath, ['--import', 'tsx', 'src/worker.ts'], { cwd, env });
    await run('npm', ['run', 'types'], { cwd });
    const started = run(process.execPath, ['--import', 'tsx', 'src/start.ts', speech], { cwd, env });
    const { stdout } = await Promise.race([started, worker.died]);
    expect(JSON.parse(stdout)).toEqual({
      ...{ phase: 'succeeded', heard: 'succeeded' },
      captions: expect.stringMatching(/\/transcript\.vtt$/) as string,
    });
    // It closes its connection, which is refused while one worker of the jobs still holds on to it.
    expect(await worker.stop()).toBe(0);
  });

  describe('bundled into one file, as a client', () => {
    const entry = `
      import { createDataConverter, parseEncryptionKeys, ProviderJobs } from 'provider-jobs';
      import { Client } from '@temporalio/client';
      const jobs = new ProviderJobs(new Client());
      let refusal = null;
      try {
        createDataConverter(parseEncryptionKeys('one:${Buffer.alloc(32).toString('base64')}'));
      } catch (error) {
        refusal = error.message;
      }
      console.log(JSON.stringify([typeof jobs.start, refusal]));`;
    const bundle = join('out', 'client');
    const written = (ending: string) => join(example, `${bundle}.${ending}`);
    const runBundle = async (path: string) => {
      // Where nothing of the package lies about it.
      const alone = join(folder, basename(path));
      await rename(path, alone);
      const { stdout } = await run(process.execPath, [alone], { cwd: folder });
      return JSON.parse(stdout) as unknown;
    };
    const loaded = ['function', expect.stringContaining('leave the package out of the bundle') as string];

    it.each([
      ['cjs', 'cjs', ''],
      // As esbuild's users do for packages in CommonJS.
      ['esm', 'mjs', "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"],
    ] as const)('by esbuild as %s, it loads', async (format, ending, js) => {
      await esbuild({
        stdin: { contents: entry, resolveDir: example },
        ...{
          bundle: true,
          platform: 'node',
          format,
          logLevel: 'error',
          logOverride: { 'empty-import-meta': 'silent' },
        },
        ...{ outfile: written(ending), banner: { js } },
      });
      expect(await runBundle(written(ending))).toEqual(loaded);
    });

    it('by webpack, it loads', async () => {
      const source = join(example, 'client.mjs');
      await writeFile(source, entry);
      const compiler = webpack({
        ...{ context: example, entry: source, target: 'node', mode: 'none' },
        output: { path: join(example, 'out'), filename: 'webpack.cjs' },
      });
      const stats = await promisify(compiler.run.bind(compiler))();
      expect(stats?.compilation.errors).toEqual([]);
      // Where it was bundled, the file for encryption is found: webpack writes down where modules were.
      expect(await runBundle(join(example, 'out', 'webpack.cjs'))).toEqual(['function', null]);
    });

    it('not at all, it is required by CommonJS as it is', async () => {
      const program = "console.log(typeof require('provider-jobs').ProviderJobs)";
      const { stdout } = await run(process.execPath, ['--input-type=commonjs', '-e', program], { cwd: example });
      expect(stdout.trim()).toBe('function');
    });
  });
});
