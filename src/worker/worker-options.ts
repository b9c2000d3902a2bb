import type { Config } from '../config/config.ts';
import { allRoles, type Role } from '../config/settings-reader.ts';
import { type PreparedWorkers, prepareWorkers, type StartWorkerOptions } from './prepare-workers.ts';

function checkRoles(roles: readonly Role[], { keyless }: Config): void {
  for (const role of roles) {
    if (!allRoles.includes(role)) {
      throw new TypeError(`roles: "${role}" is none; expected some of ${allRoles.join(', ')}`);
    }
    const provider = keyless.find((name) => role === name || role === `${name}-transfer`);
    if (provider === undefined) continue;
    const words = `set ${provider.toUpperCase()}_API_KEY, or read the configuration with keysElsewhere`;
    throw new TypeError(`roles: ${role} needs a key; ${words} and give resolveCredential`);
  }
}

/**
 * What `Worker.create` takes for the workers of a role, or of several: for teams that make, run and stop workers by
 * themselves. Nothing runs, and nothing listens. `workers` has one for each task queue: `workflows` and `<provider>` have
 * one, `<provider>-transfer` two (uploads, results). Call `close` after the last of them has stopped: the limiter of a
 * key's rate, learned times and HTTP connections are shared by those that were made together.
 * @param roles in place of those that are configured.
 * @throws TypeError for a role that is none or whose provider has no key, and as `startWorker` does.
 * @throws SearchAttributesMissingError, ConfigurationError as `startWorker` does.
 */
export async function providerJobsWorkerOptions(
  roles: Role | readonly Role[],
  options: StartWorkerOptions,
): Promise<PreparedWorkers> {
  const wanted = [...new Set([roles].flat())];
  checkRoles(wanted, options.config);
  return prepareWorkers({ ...options, config: { ...options.config, roles: wanted } });
}
