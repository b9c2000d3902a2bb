import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Config, ConfigurationError, readConfig } from '../../config/config.ts';
import { findTemporalBinary } from '../../dev/temporal-binary.ts';
import type { ForwardProxies } from '../../http/forward-proxy.ts';
import { createResultStore } from '../../results/create-result-store.ts';
import { S3Connection } from '../../s3/s3-connection.ts';
import { isS3Uri } from '../../s3/s3-uri.ts';
import { type Check, fail, failSettings, ok, reasonOf, warn } from './check.ts';

// A full disk still makes empty files, and may have a few bytes left.
const probeBytes = 64 * 1024;

const oldestNode = [20, 19] as const;

/** Whether this Node.js is new enough. */
export function checkNode(version = process.versions.node): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNew = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  if (isNew) return ok('Node.js', version);
  return fail('Node.js', version, `Install Node.js ${oldestNode.join('.')} or newer.`);
}

/** Reads the settings; each fault is a check of its own. */
export function checkSettings(environment: NodeJS.ProcessEnv): { config: Config | null; checks: Check[] } {
  try {
    const config = readConfig(environment);
    const scale = config.timeScale;
    const checks = [ok('Settings', 'all can be read')];
    if (scale !== 1) {
      const detail = `is ${String(scale)}: providers are asked ${String(scale)} times as often as they should be`;
      checks.push(warn('PROVIDER_JOBS_TIME_SCALE', detail, 'Leave it out, unless everything is simulated.'));
    }
    return { config, checks };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { config: null, checks: failSettings(error) };
  }
}

const s3AnswersWithinMs = 20_000;

async function checkS3Results(address: string, proxies: ForwardProxies): Promise<Check> {
  const name = 'Results';
  const s3 = new S3Connection({ proxies });
  try {
    const late = delay(s3AnswersWithinMs, null, { ref: false }).then(() => Promise.reject(new Error('no answer')));
    await Promise.race([createResultStore(address, s3).check(), late]);
    return ok(name, address);
  } catch (error) {
    return fail(name, reasonOf(error), 'Mend it, or set PROVIDER_JOBS_RESULTS to a directory.');
  } finally {
    await s3.close();
  }
}

/** Whether results can be written, without leaving anything behind. */
export async function checkResults({ resultsDirectory, proxies }: Config): Promise<Check> {
  if (isS3Uri(resultsDirectory)) return checkS3Results(resultsDirectory, proxies);
  const name = 'Results';
  const path = resolve(resultsDirectory);
  try {
    const existing = await firstExisting(path);
    if (existing !== path) {
      await access(existing, constants.W_OK);
      return ok(name, `${path} will be made`);
    }
    const probe = join(path, `.doctor-${randomUUID()}`);
    await writeFile(probe, Buffer.alloc(probeBytes)).finally(() => rm(probe, { force: true }));
    return ok(name, path);
  } catch (error) {
    return fail(
      name,
      `${path} cannot be written: ${reasonOf(error)}`,
      'Make room or mend its permissions, or set PROVIDER_JOBS_RESULTS to another directory.',
    );
  }
}

async function firstExisting(path: string): Promise<string> {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists || dirname(path) === path) {
    // A file in the way is found out here rather than by the first result.
    await mkdir(path, { recursive: true });
    return path;
  }
  return firstExisting(dirname(path));
}

/** Whether `dev` and `demo` have a Temporal server to start; nothing is downloaded or built. */
export async function checkTemporalBinary(environment: NodeJS.ProcessEnv): Promise<Check> {
  const name = 'Temporal binary';
  const temporalCliPath = environment.TEMPORAL_CLI_PATH;
  try {
    const { path, how } = await findTemporalBinary({ env: environment, temporalCliPath }, []);
    return ok(name, `${path} (found by ${how})`);
  } catch (error) {
    if (temporalCliPath) return fail(name, reasonOf(error), 'Correct TEMPORAL_CLI_PATH or leave it out.');
    return warn(name, 'none yet', '`provider-jobs demo` or `dev` downloads or builds one, once.');
  }
}
