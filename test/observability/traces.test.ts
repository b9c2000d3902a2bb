import { fileURLToPath } from 'node:url';
import { trace } from '@opentelemetry/api';
import { Resource } from '@opentelemetry/resources';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { Client } from '@temporalio/client';
import { OpenTelemetryPlugin } from '@temporalio/interceptors-opentelemetry';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { ProviderJobs } from '../../src/client.ts';
import { readConfig } from '../../src/config/config.ts';
import { ProviderJobsPlugin } from '../../src/worker.ts';
import { findWorkflowCode } from '../../src/worker/workflow-bundle.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

const exporter = new InMemorySpanExporter();
const spanProcessor = new SimpleSpanProcessor(exporter);
const provider = new NodeTracerProvider({ spanProcessors: [spanProcessor] });
const plugin = new OpenTelemetryPlugin({ resource: new Resource({ 'service.name': 'test' }), spanProcessor });

let world: World;
beforeAll(async () => {
  provider.register();
  world = await startWorld({
    timeScale: 1000,
    worker: { workflowCode: findWorkflowCode({ isExtended: true }), workerOptions: { plugins: [plugin] } },
  });
});
afterAll(async () => {
  await world.close();
  await provider.shutdown();
});

/** The names on the way from a span up to the root of its trace. */
function pathOf(span: ReadableSpan, spans: readonly ReadableSpan[]): string[] {
  const parent = spans.find((other) => other.spanContext().spanId === span.parentSpanId);
  return [span.name, ...(parent === undefined ? [] : pathOf(parent, spans))];
}

it('makes one trace of a pipeline, in which every span hangs from the request that started it', async () => {
  const { connection } = world.client;
  const jobs = new ProviderJobs(new Client({ connection, namespace: world.namespace, plugins: [plugin] }));
  const source = await world.writeSource('talk.wav', makeWav(60));
  await trace.getTracer('a backend').startActiveSpan('POST /talks', async (root) => {
    const pipeline = await jobs.pipeline({ source, steps: [{ provider: 'tiro' }, { provider: 'slng' }] });
    expect((await pipeline.result()).succeeded).toBe(true);
    root.end();
  });
  const spans = exporter.getFinishedSpans();
  expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
  expect(new Set(spans.map((span) => pathOf(span, spans).at(-1)))).toEqual(new Set(['POST /talks']));
  const looks = spans.filter(({ name }) => name === 'RunActivity:fetchJobStatus').map((span) => pathOf(span, spans));
  for (const lifecycle of ['tiroTranscription', 'slngTranscription']) {
    const pipeline = ['RunWorkflow:mediaPipeline', 'StartWorkflow:mediaPipeline', 'POST /talks'];
    const job = ['StartActivity:fetchJobStatus', `RunWorkflow:${lifecycle}`, `StartChildWorkflow:${lifecycle}`];
    expect(looks).toContainEqual(['RunActivity:fetchJobStatus', ...job, ...pipeline]);
  }
});

it("makes one trace of a job that is started by a workflow of the user's, with the jobs beside their worker", async () => {
  const address = inject('temporalAddress');
  const connection = await NativeConnection.connect({ address });
  const taskQueue = 'beside';
  const config = readConfig({ ...world.environment, PROVIDER_JOBS_TASK_QUEUE: taskQueue });
  const own = await Worker.create({
    ...{ connection, namespace: world.namespace, taskQueue: 'own' },
    workflowsPath: fileURLToPath(new URL('../fixtures/own-workflows/index.ts', import.meta.url)),
    plugins: [plugin, new ProviderJobsPlugin({ config })],
  });
  const run = own.run();
  const source = await world.writeSource('own.wav', makeWav(60));
  const { connection: ofClient } = world.client;
  const client = new Client({ connection: ofClient, namespace: world.namespace, plugins: [plugin] });
  exporter.reset();
  await trace.getTracer('a backend').startActiveSpan('POST /own', async (root) => {
    const started = { taskQueue: 'own', workflowId: 'own', args: [source, taskQueue] };
    expect(await Promise.race([client.workflow.execute('ownParent', started), run])).toBe('succeeded');
    root.end();
  });
  own.shutdown();
  await run;
  await connection.close();
  const spans = exporter.getFinishedSpans();
  expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
  const looks = spans.filter(({ name }) => name === 'RunActivity:fetchJobStatus').map((span) => pathOf(span, spans));
  const job = ['StartActivity:fetchJobStatus', 'RunWorkflow:tiroTranscription', 'StartChildWorkflow:tiroTranscription'];
  const parent = ['RunWorkflow:ownParent', 'StartWorkflow:ownParent', 'POST /own'];
  expect(looks).toContainEqual(['RunActivity:fetchJobStatus', ...job, ...parent]);
  expect(spans.map(({ name }) => name)).toContain('SignalWorkflow:jobFinished');
});
