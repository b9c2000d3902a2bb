import { mkdir } from 'node:fs/promises';
import type { ProviderName } from '../providers/registry.ts';
import { type ProgramChild, startProgramChild } from './program-child.ts';
import {
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
  timeScale: number;
  temporal: Pick<StartTemporalServerOptions, 'port' | 'uiPort' | 'temporalAddress' | 'temporalCliPath'>;
  simulatorPort: number;
  /** Options for the `simulator` command. */
  simulatorArgs?: readonly string[];
  resultsDirectory: string;
  say: (line: string) => void;
  /** Told each line that a child writes. */
  onChildLine: (child: string, line: string) => void;
}

/** A Temporal server, a simulator and a worker that belong together. */
export interface LocalStack {
  temporal: TemporalServer;
  /** Null where no provider is simulated. */
  simulatorUrl: string | null;
  children: readonly ProgramChild[];
  /** What another process needs in its environment to join; no real key is ever among it. */
  variables: Record<string, string>;
  /** Whether `close` was called. */
  isClosing: () => boolean;
  /** Stops the worker, the simulator and the server, in this order. */
  close(): Promise<void>;
}

/**
 * Starts all three and resolves once the worker polls; on a failure nothing is left running.
 * @throws TemporalServerError, ProgramChildError
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { environment, say, simulated } = options;
  const started: { close: () => Promise<void> }[] = [];
  let closing = false;
  const close = async () => {
    closing = true;
    for (const each of started.splice(0).reverse()) await each.close();
  };
  try {
    const temporal = await startTemporalServer({ ...options.temporal, env: environment, onProgress: say });
    started.push(temporal);
    say(describeServer(temporal));
    const keys = makeUpKeys(simulated);
    const child = async (name: string, args: string[], env: NodeJS.ProcessEnv) => {
      const onLine = (line: string) => {
        options.onChildLine(name, line);
      };
      const one = await startProgramChild({ name, mainFile: options.mainFile, args, env, onLine });
      started.push({ close: () => one.stop() });
      if (temporal.pid !== null) one.entrust(temporal.pid);
      say(`Started the ${name} (pid ${String(one.pid)}).`);
      return one;
    };
    const scale = { PROVIDER_JOBS_TIME_SCALE: String(options.timeScale) };
    const children: ProgramChild[] = [];
    let baseUrls: Record<string, string> = {};
    let simulatorUrl: string | null = null;
    if (simulated.length > 0) {
      simulatorUrl = `http://127.0.0.1:${String(options.simulatorPort)}`;
      baseUrls = simulatorBaseUrls(simulatorUrl, simulated);
      const args = ['simulator', '--child', '--port', String(options.simulatorPort), ...(options.simulatorArgs ?? [])];
      children.push(
        await child('simulator', args, simulatedEnvironment(environment, simulated, { ...keys, ...scale })),
      );
    }
    await mkdir(options.resultsDirectory, { recursive: true });
    const own = temporal.pid === null ? {} : { TEMPORAL_ADDRESS: temporal.address };
    const web = temporal.webUrl === null ? {} : { PROVIDER_JOBS_WEB_URL: temporal.webUrl };
    const variables = {
      ...own,
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
    return { temporal, simulatorUrl, children, variables, isClosing: () => closing, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function describeServer({ address, webUrl, pid }: TemporalServer): string {
  if (pid === null) return `Using the Temporal server at ${address} (TEMPORAL_ADDRESS).`;
  return `The Temporal server is up at ${address} (pid ${String(pid)})${webUrl === null ? '' : `, Web UI at ${webUrl}`}.`;
}
