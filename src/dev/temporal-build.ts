import { basename, join } from 'node:path';
import type { MakeTemporalBinaryInput } from './temporal-binary-maker.ts';
import { moveIntoPlace } from './temporal-move-into-place.ts';
import { startProgram } from './temporal-program.ts';
import { waitReporting } from './temporal-wait-reporting.ts';

const buildLimitMs = 20 * 60_000;

/**
 * Builds the `temporal` binary from source with `go install`.
 * @throws Error when Go is absent, the build fails, or it takes longer than 20 minutes.
 */
export async function buildTemporal(input: MakeTemporalBinaryInput): Promise<void> {
  const { version, destination, env, goPath, onProgress } = input;
  if (goPath === null) throw new Error('there is no Go on PATH to build it with; install it from https://go.dev/dl');
  onProgress('Building the Temporal server from source, about four minutes, once.');
  await moveIntoPlace(destination, async (folder) => {
    const program = startProgram({
      path: goPath,
      args: ['install', `github.com/temporalio/cli/cmd/temporal@${version}`],
      env: { ...env, GOBIN: folder },
      lastSignal: 'SIGINT',
    });
    await waitReporting(program, { what: 'Still building the Temporal server', limitMs: buildLimitMs, onProgress });
    return join(folder, basename(destination));
  });
  onProgress(`The Temporal server is built and kept at ${destination}.`);
}
