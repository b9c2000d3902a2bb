import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { describe, expect, inject, it } from 'vitest';

const forbidden =
  /\/src\/(providers|activities|http|upload|results|s3|simulator)\/|\/node_modules\/(undici|zod|@aws-sdk)\//;

/** The modules whose code is in a bundle, by its source map. */
function modulesOf(code: string): string[] {
  const encoded = /sourceMappingURL=data:application\/json;[^,]*base64,([\w+/=]+)/.exec(code)?.[1] ?? '';
  const { sources } = JSON.parse(Buffer.from(encoded, 'base64').toString()) as { sources: string[] };
  return sources;
}

const forbiddenIn = (code: string) => modulesOf(code).filter((module) => forbidden.test(module));

describe('the workflow bundle', () => {
  it('holds our workflows and nothing of providers, activities or their libraries', async () => {
    const code = await readFile(inject('workflowBundlePath'), 'utf8');
    const modules = modulesOf(code);
    for (const own of ['workflows/index.ts', 'workflows/tiro-transcription.ts', 'snapshot.ts']) {
      expect(modules.some((module) => module.endsWith(`/src/${own}`))).toBe(true);
    }
    expect(forbiddenIn(code)).toEqual([]);
  });

  it('is caught with a provider that a workflow imports by value', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'provider-jobs-bundle-'));
    try {
      const provider = fileURLToPath(new URL('../../src/providers/tiro/voice-file-job.ts', import.meta.url));
      const workflowsPath = join(folder, 'workflows.ts');
      await symlink(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(folder, 'node_modules'));
      await writeFile(
        workflowsPath,
        `import { voiceFileJob } from '${provider}';\nexport async function slip() {\n  return voiceFileJob.title;\n}\n`,
      );
      const { code } = await bundleWorkflowCode({ workflowsPath });
      const found = forbiddenIn(code);
      expect(found.some((module) => module.endsWith('/src/providers/tiro/voice-file-job.ts'))).toBe(true);
      expect(found.some((module) => module.includes('/node_modules/zod/'))).toBe(true);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
