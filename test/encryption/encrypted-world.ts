import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode } from '@temporalio/worker';
import { readConfig } from '../../src/config/config.ts';
import { createDataConverter, findFailureConverter } from '../../src/encryption/data-converter.ts';
import { parseEncryptionKeys } from '../../src/encryption/encryption-keys.ts';
import { ProviderJobs } from '../../src/index.ts';
import type { RunningWorker } from '../../src/worker.ts';
import { readRecordedText } from '../setup/recorded-text.ts';
import { startWorld, type World, type WorldOptions } from '../setup/world.ts';

/** A world whose worker and clients encrypt; keys are written as in PROVIDER_JOBS_ENCRYPTION_KEYS. */
export interface EncryptedWorld {
  world: World;
  startWorkerWith: (...keys: string[]) => Promise<RunningWorker>;
  clientWith: (...keys: string[]) => Client;
  jobsWith: (...keys: string[]) => ProviderJobs;
  /** What the server holds of a workflow, as text. */
  recorded: (workflowId: string) => Promise<string>;
}

/** Makes up a key. */
export function makeKey(id: string): string {
  return `${id}:${randomBytes(32).toString('base64')}`;
}

/** Makes a world for the calling test file; no worker runs in it yet. */
export async function startEncryptedWorld(key: string, options: WorldOptions = {}): Promise<EncryptedWorld> {
  const workflowsPath = fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url));
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, failureConverterPath: findFailureConverter() });
  const world = await startWorld({
    ...options,
    environment: { PROVIDER_JOBS_ENCRYPTION_KEYS: key, PROVIDER_JOBS_ALLOW_PRIVATE_SOURCES: 'true' },
    startWorker: false,
  });
  const clientWith = (...keys: string[]) => {
    const { connection } = world.client;
    const dataConverter = createDataConverter(keys.flatMap(parseEncryptionKeys));
    return new Client({ connection, namespace: world.namespace, dataConverter });
  };
  return {
    world,
    startWorkerWith: (...keys) =>
      world.startWorker({
        config: readConfig({ ...world.environment, PROVIDER_JOBS_ENCRYPTION_KEYS: keys.join(',') }),
        workflowCode: { workflowBundle },
      }),
    clientWith,
    jobsWith: (...keys) => new ProviderJobs(clientWith(...keys)),
    recorded: (workflowId) => readRecordedText(world.client, workflowId),
  };
}
