import { execFile } from 'node:child_process';
import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installExample, listInstalledFiles } from './install-example.ts';
import { listLoadedModules } from './loaded-modules.ts';

const run = promisify(execFile);
const checkPackage = fileURLToPath(new URL('../../scripts/check-package.sh', import.meta.url));

const entries = {
  '.': 'ProviderJobs',
  './workflow-api': 'startJob',
  './nexus': 'providerJobsService',
  './worker': 'startWorker',
  './s3': 'createS3ResultStore',
  './workflows': 'mediaPipeline',
  './simulator': 'startSimulator',
};

interface Manifest {
  exports: Record<string, { types: string; default: string }>;
}

// Compilers and workers of their own take their time on a busy machine.
describe('the package, installed by the example of an own parent', { timeout: 180_000 }, () => {
  let folder: string;
  let example: string;
  let installed: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'provider-jobs-package-'));
    example = await installExample(folder);
    installed = join(example, 'node_modules', 'provider-jobs');
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('holds what was built and what people read, no sources and no tests', async () => {
    const files = await listInstalledFiles(example);
    expect(files).toContain(join('dist', 'workflow-bundle.js'));
    const belongs =
      /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|\.env\.example|docs\/.*|schemas\/.*\.json|deploy\/(grafana\/provider-jobs\.json|prometheus\/.*\.yml)|examples\/(media\/.*|schedules\.json)|dist\/.*(\.js|\.js\.map|\.d\.ts))$/;
    expect(files.filter((path) => !belongs.test(path))).toEqual([]);
  });

  it('has entries that load in a program and have their types', async () => {
    const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as Manifest;
    const { './package.json': ownManifest, './schemas/*.json': schemas, ...published } = manifest.exports;
    expect([ownManifest, schemas]).toEqual(['./package.json', './schemas/*.json']);
    expect(Object.keys(published)).toEqual(Object.keys(entries));
    await Promise.all(Object.values(published).map(({ types }) => access(join(installed, types))));
    const names = Object.keys(entries).map((entry) => entry.replace('.', 'provider-jobs'));
    const program = `
      const modules = await Promise.all(${JSON.stringify(names)}.map((name) => import(name)));
      console.log(JSON.stringify(modules.map((module) => Object.keys(module))));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: example });
    const exported = JSON.parse(stdout) as string[][];
    Object.values(entries).forEach((name, index) => {
      expect(exported[index]).toContain(name);
    });
  });

  it('fits together: its files, its entries and their types', async () => {
    const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? '';
    const { stdout } = await run(checkPackage, [join(folder, tarball)]);
    expect(stdout).toContain('All good!');
    expect(stdout).toContain('"provider-jobs/workflow-api"');
  });

  it('loads no server, simulator, worker or command for a client', async () => {
    const modules = await listLoadedModules('provider-jobs', example);
    expect(modules.some((url) => url.endsWith('/provider-jobs/dist/client.js'))).toBe(true);
    const notOfClients =
      /\/provider-jobs\/dist\/(cli|dev|simulator|worker|activities|workflows)\b|\/node_modules\/(@?fastify|pino|commander|@temporalio\/(worker|core-bridge|testing)|@aws-sdk|vega)\b/;
    expect(modules.filter((url) => notOfClients.test(url))).toEqual([]);
  });

  it("puts nothing but bundle-safe words into somebody else's workflow bundle", async () => {
    const workflowsPath = join(example, 'src', 'workflows.ts');
    const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
    const modules = [...code.matchAll(/node_modules\/provider-jobs\/([\w./-]+\.js)\b/g)].map(([, path]) => path);
    expect(modules).toContain('dist/workflow-api.js');
    expect(
      modules.filter((path) => !/^dist\/(contract\/[\w-]+|snapshot|workflow-api(\/[\w-]+)?)\.js$/.test(path ?? '')),
    ).toEqual([]);
    expect(code).not.toMatch(/node_modules\/(zod|undici)\//);
  });

  it('gives the example the types that it is written against', async () => {
    await run('npm', ['run', 'types'], { cwd: example });
  });
});
