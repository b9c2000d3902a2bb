import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { buildTemporal } from './temporal-build.ts';
import { downloadTemporal } from './temporal-download.ts';
import type { TemporalBinaryMaker } from './temporal-binary-maker.ts';
import { TemporalServerError } from './temporal-server-error.ts';

/** The release that is downloaded or built: server 1.29.1, the newest that `go install` accepts. */
export const temporalCliVersion = 'v1.5.1';

const executableSuffix = process.platform === 'win32' ? '.exe' : '';

/** Where to look for a `temporal` binary and whom to tell. */
export interface FindTemporalBinaryOptions {
  /** The environment of the processes started; its PATH is searched for `temporal` and `go`. */
  env: NodeJS.ProcessEnv;
  /** The value of TEMPORAL_CLI_PATH. */
  temporalCliPath?: string | undefined;
  /** Where a downloaded or built binary is kept; the user's cache folder by default. */
  cacheFolder?: string | undefined;
  /** Told in plain words what is done and how long it takes. */
  onProgress?: ((line: string) => void) | undefined;
}

/** A `temporal` binary and which of the ways led to it. */
export interface TemporalBinary {
  path: string;
  how: string;
}

const MAKERS: readonly TemporalBinaryMaker[] = [
  { how: 'download', make: downloadTemporal },
  { how: 'go install', make: buildTemporal },
];

/**
 * Finds a `temporal` binary: TEMPORAL_CLI_PATH, PATH, the cache, then the SDK's download, then `go install`.
 * @throws TemporalServerError that names all ways and why each failed.
 */
export async function findTemporalBinary(
  options: FindTemporalBinaryOptions,
  makers: readonly TemporalBinaryMaker[] = MAKERS,
): Promise<TemporalBinary> {
  const { env, temporalCliPath, onProgress = () => undefined } = options;
  if (temporalCliPath !== undefined && temporalCliPath !== '') return explicitBinary(temporalCliPath);

  const onPath = await findExecutable('temporal', env);
  if (onPath !== null) return { path: onPath, how: 'PATH' };

  const cacheFolder = options.cacheFolder ?? envPaths('provider-jobs', { suffix: '' }).cache;
  const destination = join(cacheFolder, `temporal-${temporalCliVersion}`, `temporal${executableSuffix}`);
  if (await isExecutable(destination)) return { path: destination, how: 'cache' };

  const goPath = await findExecutable('go', env);
  const reasons: string[] = [];
  for (const { how, make } of makers) {
    try {
      await make({ version: temporalCliVersion, destination, env, goPath, onProgress });
      return { path: destination, how };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      onProgress(`${how} did not work: ${reason}`);
      reasons.push(`- ${how}: ${reason}`);
    }
  }
  throw new TemporalServerError(
    [
      'There is no Temporal server to use. Any one of these will do:',
      '- TEMPORAL_ADDRESS: not set; set it to the host:port of a running server',
      '- TEMPORAL_CLI_PATH: not set; set it to a `temporal` binary',
      '- PATH: has no `temporal`; install it as https://docs.temporal.io/cli says',
      `- cache: there is no ${destination}`,
      ...reasons,
    ].join('\n'),
  );
}

async function explicitBinary(temporalCliPath: string): Promise<TemporalBinary> {
  if (await isExecutable(temporalCliPath)) return { path: resolve(temporalCliPath), how: 'TEMPORAL_CLI_PATH' };
  throw new TemporalServerError(
    `TEMPORAL_CLI_PATH is ${temporalCliPath}, which is not an executable file. Correct it or leave it out.`,
  );
}

async function findExecutable(name: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  const folders = (env.PATH ?? env.Path ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of folders) {
    const path = resolve(folder, name + executableSuffix);
    if (await isExecutable(path)) return path;
  }
  return null;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    await access(path, constants.X_OK);
    return found.isFile();
  } catch {
    return false;
  }
}
