import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { MakeTemporalBinaryInput } from './temporal-binary-maker.ts';
import { moveIntoPlace } from './temporal-move-into-place.ts';
import { startProgram } from './temporal-program.ts';
import { waitReporting } from './temporal-wait-reporting.ts';

const downloadLimitMs = 3 * 60_000;

// The SDK downloads in native code that nothing can interrupt, so it runs in a process that can be stopped.
const SCRIPT = `
  const [sdkModule, downloadDir, version] = process.argv.slice(1);
  require(sdkModule)
    .TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'cached-download', downloadDir, version } } })
    .then((environment) => environment.teardown())
    .then(() => process.exit(0))
    .catch((error) => { console.error(error.message); process.exit(1); });
`;

/** Swaps in another SDK module or a shorter limit. */
export interface DownloadTemporalOptions {
  sdkModule?: string;
  limitMs?: number;
}

/**
 * Downloads the `temporal` binary the way the SDK's test environment does.
 * @throws Error when the SDK's testing package is not installed, or the download fails or exceeds three minutes.
 */
export async function downloadTemporal(
  { version, destination, env, onProgress }: MakeTemporalBinaryInput,
  { sdkModule = resolveSdkModule(), limitMs = downloadLimitMs }: DownloadTemporalOptions = {},
): Promise<void> {
  onProgress('Downloading the Temporal server, about a minute, once.');
  await moveIntoPlace(destination, async (folder) => {
    const program = startProgram({
      path: process.execPath,
      args: ['--eval', SCRIPT, sdkModule, folder, version],
      env,
      lastSignal: 'SIGKILL',
    });
    await waitReporting(program, { what: 'Still downloading the Temporal server', limitMs, onProgress });
    return join(folder, `temporal-${version}${process.platform === 'win32' ? '.exe' : ''}`);
  });
  onProgress(`The Temporal server is downloaded and kept at ${destination}.`);
}

function resolveSdkModule(): string {
  return createRequire(import.meta.url).resolve('@temporalio/testing');
}
