import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createDirectoryResultStore } from '../../src/results/directory-result-store.ts';
import { folderOfStore } from '../../src/results/folder-of-store.ts';

test('keeps the same folder of two namespaces apart', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'provider-jobs-results-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const store = createDirectoryResultStore(directory);
  for (const namespace of ['blue', 'green.a1b2c']) {
    const theirs = folderOfStore(store, namespace);
    await theirs.check();
    const { uri } = await theirs.write('provider-job/tiro/talk', 'a.txt', 'text/plain', namespace);
    expect(uri).toMatch(new RegExp(`/${namespace}/provider-job/tiro/talk/a.txt$`));
  }
  for (const namespace of ['blue', 'green.a1b2c']) {
    const path = join(directory, namespace, 'provider-job', 'tiro', 'talk', 'a.txt');
    expect(await readFile(path, 'utf8')).toBe(namespace);
    expect(await store.list(`${namespace}/provider-job/tiro/talk`)).toHaveLength(1);
  }
});
