import { mkdir } from 'node:fs/promises';
import type { ProviderName } from '../providers/registry.ts';
import { nexusEndpoint } from '../contract/nexus-endpoint.ts';
import { isS3Uri } from '../s3/s3-uri.ts';
import { findFreePort } from './free-port.ts';
import { createNexusEndpoint } from './nexus-endpoint.ts';
import { type ProgramChild, startProgramChild } from './program-child.ts';
import {
  allRoles,
  describeSimulated,
  devServerEnvironment,
  makeUpKeys,
  simulatedEnvironment,
  simulatorBaseUrls,
} from './simulated-environment.ts';
import { startTemporalServer, type StartTemporalServerOptions, type TemporalServer } from './temporal-server.ts';

/** What is started, and whom to tell. */
export interface LocalStackOptions {
  environment: NodeJS.ProcessEnv;
  mainFile: string;
  /** The providers that the simulator plays; the others are the real services. */
  simulated: readonly ProviderName[];
  /** The stem of the task queues. */
  taskQueue: string;
  timeScale: number;
  /** Whether payloads are encrypted: the Web UI of a server of ours then decodes through a codec server. */
  encrypted: boolean;
  temporal: Pick<StartTemporalServerOptions, 'port' | 'uiPort' | 'temporalAddress' | 'temporalCliPath'>;
  simulatorPort: number;
  /** Options for the `simulator` command. */
  simulatorArgs?: readonly string[];
  /** A directory, or `s3://bucket/prefix`. */
  resultsDirectory: string;
  say: (line: string) => void;
  /** Told each line that a child writes. */
  onChildLine: (child: string, line: string) => void;
}

/** A Temporal server, a simulator and a worker that belong together, with encryption a codec server too. */
export interface LocalStack {
  temporal: TemporalServer;
  /** Null where no provider is simulated. */
  simulatorUrl: string | null;
  children: readonly ProgramChild[];
  /** What another process needs in its environment to join; no real key is ever among it. */
  variables: Record<string, string>;
  /** Whether who joins needs the keys of encryption as well. */
  encrypted: boolean;
  /** Whether `close` was called. */
  isClosing: () => boolean;
  /** Stops the worker, the simulator, the codec server and the Temporal server, in this order. */
  close(): Promise<void>;
}

/**
 * Starts all of them and resolves once the worker polls; on a failure nothing is left running.
 * @throws TemporalServerError, ProgramChildError
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { environment, say, simulated, encrypted } = options;
  const started: { close: () => Promise<void> }[] = [];
  let closing = false;
  const close = async () => {
    closing = true;
    for (const each of started.splice(0).reverse()) await each.close();
  };
  try {
    const codecPort = encrypted ? await findFreePort() : null;
    const temporal = await startTemporalServer({
      ...options.temporal,
      env: environment,
      onProgress: say,
      uiCodecEndpoint: codecPort === null ? undefined : loopbackUrl(codecPort),
    });
    started.push(temporal);
    say(describeServer(temporal, options.taskQueue));
    // Somebody else's server is left as it is.
    if (temporal.pid !== null) {
      const target = { namespace: temporal.namespace, taskQueue: options.taskQueue };
      const isMade = await createNexusEndpoint(temporal.address, nexusEndpoint, target);
      if (isMade) say(`Its Nexus endpoint ${nexusEndpoint} leads to the worker's jobs, from every namespace.`);
    }
    const keys = makeUpKeys(simulated);
    const child = async (name: string, args: string[], env: NodeJS.ProcessEnv, use = '') => {
      const onLine = (line: string) => {
        options.onChildLine(name, line);
      };
      const one = await startProgramChild({ name, mainFile: options.mainFile, args, env, onLine });
      started.push({ close: () => one.stop() });
      if (temporal.pid !== null) one.entrust(temporal.pid);
      say(`Started the ${name} (pid ${String(one.pid)})${use}.`);
      return one;
    };
    const scale = { PROVIDER_JOBS_TIME_SCALE: String(options.timeScale) };
    const children: ProgramChild[] = [];
    if (codecPort !== null && temporal.webUrl !== null) {
      const args = ['codec-server', '--child', '--port', String(codecPort), ...originArguments(temporal.webUrl)];
      const env = simulatedEnvironment(environment, simulated, { ...allRoles, ...scale });
      const use = `: the Web UI decodes through it, at ${loopbackUrl(codecPort)}`;
      children.push(await child('codec server', args, env, use));
    }
    let baseUrls: Record<string, string> = {};
    let simulatorUrl: string | null = null;
    if (simulated.length > 0) {
      simulatorUrl = loopbackUrl(options.simulatorPort);
      baseUrls = simulatorBaseUrls(simulatorUrl, simulated);
      const args = ['simulator', '--child', '--port', String(options.simulatorPort), ...(options.simulatorArgs ?? [])];
      children.push(
        await child('simulator', args, simulatedEnvironment(environment, simulated, { ...keys, ...scale })),
      );
    }
    if (!isS3Uri(options.resultsDirectory)) await mkdir(options.resultsDirectory, { recursive: true });
    const own = temporal.pid === null ? {} : { TEMPORAL_ADDRESS: temporal.address };
    const web = temporal.webUrl === null ? {} : { PROVIDER_JOBS_WEB_URL: temporal.webUrl };
    const variables = {
      ...own,
      PROVIDER_JOBS_TASK_QUEUE: options.taskQueue,
      ...baseUrls,
      ...keys,
      ...scale,
      ...web,
      PROVIDER_JOBS_RESULTS: options.resultsDirectory,
    };
    const workerEnvironment = simulatedEnvironment(environment, simulated, variables);
    const joined = temporal.pid === null ? workerEnvironment : devServerEnvironment(workerEnvironment, temporal);
    children.push(await child('worker', ['worker', '--child', '--roles', 'all'], joined));
    say(describeSimulated(simulated));
    return { temporal, simulatorUrl, children, variables, encrypted, isClosing: () => closing, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function loopbackUrl(port: number): string {
  return `http://127.0.0.1:${String(port)}`;
}

/** The Web UI under both names that a browser may open it by. */
function originArguments(webUrl: string): string[] {
  return ['127.0.0.1', 'localhost'].flatMap((name) => ['--origin', webUrl.replace('127.0.0.1', name)]);
}

function describeServer({ address, webUrl, pid }: TemporalServer, taskQueue: string): string {
  if (pid === null) {
    const apart = `its task queues here are those of ${taskQueue} (PROVIDER_JOBS_TASK_QUEUE)`;
    return `Using the Temporal server at ${address} (TEMPORAL_ADDRESS); ${apart}, and jobs on others are left alone.`;
  }
  return `The Temporal server is up at ${address} (pid ${String(pid)})${webUrl === null ? '' : `, Web UI at ${webUrl}`}.`;
}
