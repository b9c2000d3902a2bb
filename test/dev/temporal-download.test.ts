import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { downloadTemporal } from '../../src/dev/temporal-download.ts';
import { scratchFolder } from './fake-executable.ts';

test('keeps what the SDK downloads under the name the cache uses', async () => {
  const { input, sdkModule } = await setUp(`async ({ server: { executable } }) => {
    require('node:fs').writeFileSync(executable.downloadDir + '/temporal-' + executable.version, executable.type);
    return { teardown: async () => {} };
  }`);
  await downloadTemporal(input, { sdkModule });
  await expect(readFile(input.destination, 'utf8')).resolves.toBe('cached-download');
  await expect(readdir(dirname(input.destination))).resolves.toEqual(['temporal']);
});

test('gives the reason when the download fails', async () => {
  const { input, sdkModule } = await setUp(`async () => { throw new Error('dns error'); }`);
  await expect(downloadTemporal(input, { sdkModule })).rejects.toThrow('dns error');
  await expect(readdir(dirname(input.destination))).resolves.toEqual([]);
});

test('gives up a download that hangs', async () => {
  const { input, sdkModule } = await setUp(`() => new Promise((resolve) => setInterval(resolve.bind, 1000))`);
  await expect(downloadTemporal(input, { sdkModule, limitMs: 300 })).rejects.toThrow('stopped unfinished');
  await expect(readdir(dirname(input.destination))).resolves.toEqual([]);
});

test('fails at once where the network refuses', async () => {
  const { input } = await setUp('');
  const env = { ...input.env, HTTPS_PROXY: 'http://127.0.0.1:9' };
  await expect(downloadTemporal({ ...input, env })).rejects.toThrow('failed to download');
});

async function setUp(createLocal: string) {
  const folder = await scratchFolder();
  const sdkModule = join(folder, 'sdk.cjs');
  await writeFile(sdkModule, `exports.TestWorkflowEnvironment = { createLocal: ${createLocal || 'null'} };`);
  return {
    sdkModule,
    input: {
      version: 'v1.5.1',
      destination: join(folder, 'cache', 'temporal'),
      env: { PATH: '/usr/bin:/bin' },
      goPath: null,
      onProgress: () => undefined,
    },
  };
}
