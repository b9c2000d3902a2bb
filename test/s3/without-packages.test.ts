import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const at = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
const install = "s3: addresses need AWS's packages: npm install @aws-sdk/client-s3 @aws-sdk/lib-storage";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provider-jobs-no-aws-'));
  // As Node answers where a package is not installed; whatever is loaded of AWS's is told.
  await writeFile(
    join(folder, 'hooks.mjs'),
    `export async function resolve(specifier, context, next) {
       if (!/^@(aws-sdk|smithy)\\//.test(specifier)) return next(specifier, context);
       process.stderr.write('LOADED ' + specifier + '\\n');
       throw Object.assign(new Error('Cannot find package ' + specifier), { code: 'ERR_MODULE_NOT_FOUND' });
     }`,
  );
  const hooks = JSON.stringify(pathToFileURL(join(folder, 'hooks.mjs')).href);
  await writeFile(join(folder, 'register.mjs'), `import { register } from 'node:module'; register(${hooks});`);
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs a module in a process without AWS's packages, and gives what it prints. */
async function runWithout(code: string): Promise<{ stdout: string; stderr: string }> {
  const file = join(folder, 'main.mts');
  await writeFile(file, code);
  return run(process.execPath, ['--import', 'tsx', '--import', join(folder, 'register.mjs'), file], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  });
}

test('nothing of AWS is loaded by the client, the worker, the schedules, the workflows and our own entry for S3', async () => {
  const entries = ['index.ts', 'worker.ts', 'schedules.ts', 'workflow-api.ts', 's3.ts'];
  const { stdout, stderr } = await runWithout(
    `for (const entry of [${entries.map(at).join(', ')}]) await import(entry); console.log('imported');`,
  );
  expect(stdout).toBe('imported\n');
  expect(stderr).not.toContain('LOADED');
});

test('without AWS’s packages it is said what to install, by the worker at its start, by sources and by results', async () => {
  const { stdout } = await runWithout(`
    import { readConfig, startWorker } from ${at('worker.ts')};
    import { createS3Opener, createS3ResultStore, S3Connection } from ${at('s3.ts')};
    const tell = (error) => console.log(error.name + ': ' + error.message.replaceAll('\\n', ' '));
    const config = readConfig({ PROVIDER_JOBS_RESULTS: 's3://results/jobs' });
    await startWorker({ config, connection: {}, namespace: 'default' }).catch(tell);
    await createS3Opener(new S3Connection())('s3://media/talk.wav', { signal: new AbortController().signal }).catch(tell);
    await createS3ResultStore('s3://results').exists('a', 'b').catch(tell);
  `);
  expect(stdout.split('\n')).toEqual([
    `ConfigurationError: 1 setting is wrong:   PROVIDER_JOBS_RESULTS: ${install}`,
    `SourceError: s3://media/talk.wav: ${install}`,
    `ResultStoreError: cannot look for s3://results/a/b: ${install}`,
    '',
  ]);
});
