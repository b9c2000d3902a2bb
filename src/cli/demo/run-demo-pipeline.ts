import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Client } from '@temporalio/client';
import type { ProviderJobs } from '../../client.ts';
import type { PipelineResult } from '../../client/pipeline-result.ts';
import type { LifecycleProvider } from '../../providers/lifecycle-inputs.ts';
import type { Provider } from '../../providers/provider.ts';
import { playedProviders } from '../../dev/simulated-environment.ts';
import { providers } from '../../providers/registry.ts';
import { SimulatorAdmin } from '../../simulator/admin-client.ts';
import { describePipeline } from '../describe-snapshot.ts';
import { follow } from '../follow.ts';
import type { Terminal } from '../terminal.ts';
import { drawDemoTable } from './demo-table.ts';

// Of the eight that the clip has with the demo's chunk size.
const failingChunks = [2, 5];

/** What the demo's pipeline runs on. */
export interface DemoPipelineOptions {
  /** Of the pipeline; like that of no other job in the namespace. */
  key: string;
  jobs: ProviderJobs;
  client: Client;
  simulatorUrl: string;
  mainFile: string;
  terminal: Terminal;
  /** Gives the demo up. */
  signal: AbortSignal;
}

/** The clip that comes with the package. */
export function demoMedia(mainFile: string): string {
  return pathToFileURL(join(dirname(mainFile), '../../examples/media/clip.mp4')).href;
}

function isDrivable(name: string): name is LifecycleProvider {
  return (providers as Record<string, Provider>)[name]?.lifecycle !== undefined;
}

/** Runs one clip through every provider, with two chunks of the upload failing once; null where it was given up. */
export async function runDemoPipeline(options: DemoPipelineOptions): Promise<PipelineResult | null> {
  const { jobs, client, terminal, signal } = options;
  const { say, colors } = terminal;
  const simulator = new SimulatorAdmin(options.simulatorUrl);
  for (const partIndex of failingChunks) {
    await simulator.addFault({ kind: 'status', operation: 'twelvelabs.part-put', match: { partIndex }, status: 500 });
  }
  const source = demoMedia(options.mainFile);
  const steps = playedProviders.filter(isDrivable).map((provider) => ({ provider }));
  const handle = await jobs.pipeline({ source, steps, strategy: 'all' }, { key: options.key });
  say(`\nOne pipeline over ${source}: ${handle.workflowId}`);
  if (handle.webUrl !== null) say(`Watch it in the Web UI: ${colors.cyan(handle.webUrl)}`);
  say(`Chunks ${failingChunks.join(' and ')} of the TwelveLabs upload will fail once.\n`);
  const end = await follow(handle, (snapshot) => describePipeline(snapshot, colors), terminal, signal);
  if (!end.ended) return null;
  const { operations } = await simulator.counters();
  say(`\n${await drawDemoTable(client, end.result.jobs, operations, terminal)}`);
  const uploads = operations['twelvelabs.part-put']?.calls ?? 0;
  say(`\nThe TwelveLabs upload took ${String(uploads)} chunk requests: what failed was sent again, and nothing else.`);
  for (const { step, workflowId } of end.result.jobs) {
    const { webUrl } = jobs.handle(workflowId);
    if (webUrl !== null) say(`  ${step.padEnd(12)}${colors.cyan(webUrl)}`);
  }
  return end.result;
}
