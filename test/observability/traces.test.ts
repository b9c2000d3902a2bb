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
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ProviderJobs } from '../../src/client.ts';
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
