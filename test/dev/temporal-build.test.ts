import { mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { buildTemporal } from '../../src/dev/temporal-build.ts';
import { fakeExecutable, scratchFolder } from './fake-executable.ts';

const env = { PATH: '/usr/bin:/bin' };

test('installs the pinned release with Go and leaves nothing but the binary', async () => {
  const { destination, goPath, lines, onProgress } = await setUp('echo "$@" > "$GOBIN/temporal"');
  await buildTemporal({ version: 'v1.5.1', destination, env, goPath, onProgress });
  await expect(readFile(destination, 'utf8')).resolves.toBe('install github.com/temporalio/cli/cmd/temporal@v1.5.1\n');
  await expect(readdir(dirname(destination))).resolves.toEqual(['temporal']);
  expect(lines).toEqual([
    'Building the Temporal server from source, about four minutes, once.',
    `The Temporal server is built and kept at ${destination}.`,
  ]);
});

test('leaves no half binary behind when the build breaks off, and says why', async () => {
  const { destination, goPath, onProgress } = await setUp(
    'echo half > "$GOBIN/temporal"; echo "no required module" >&2; exit 3',
  );
  await expect(buildTemporal({ version: 'v1.5.1', destination, env, goPath, onProgress })).rejects.toThrow(
    'ended with exit code 3: no required module',
  );
  await expect(readdir(dirname(destination))).resolves.toEqual([]);
});

test('lets two builders work at once', async () => {
  const { folder, destination, goPath, onProgress } = await setUp(
    // Each waits until both have begun, so that they truly overlap.
    'touch "$MARKS/$$"; while [ $(ls "$MARKS" | wc -l) -lt 2 ]; do sleep 0.05; done; echo whole > "$GOBIN/temporal"',
  );
  const input = { version: 'v1.5.1', destination, env: { ...env, MARKS: join(folder, 'marks') }, goPath, onProgress };
  await mkdir(input.env.MARKS);
  await Promise.all([buildTemporal(input), buildTemporal(input)]);
  await expect(readFile(destination, 'utf8')).resolves.toBe('whole\n');
  await expect(readdir(dirname(destination))).resolves.toEqual(['temporal']);
});

test('says where to get Go when there is none', async () => {
  const { destination, onProgress } = await setUp('exit 0');
  await expect(buildTemporal({ version: 'v1.5.1', destination, env, goPath: null, onProgress })).rejects.toThrow(
    'https://go.dev/dl',
  );
});

async function setUp(goScript: string) {
  const folder = await scratchFolder();
  const lines: string[] = [];
  return {
    folder,
    destination: join(folder, 'cache', 'temporal'),
    goPath: await fakeExecutable(join(folder, 'bin', 'go'), goScript),
    lines,
    onProgress: (line: string) => {
      lines.push(line);
    },
  };
}
