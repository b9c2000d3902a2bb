import { Client, Connection } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PipelineResult } from '../../src/client/pipeline-result.ts';
import { isRunning } from '../dev/is-running.ts';
import { makeKey } from '../encryption/encrypted-world.ts';
import { eventually } from '../setup/eventually.ts';
import { readRecordedText } from '../setup/recorded-text.ts';
import { lastJson, startProgram } from './run-program.ts';

const key = makeKey('demo');
const mediaName = 'clip.mp4';

let demo: ReturnType<typeof startProgram>;
let said: string;
let pipeline: PipelineResult;

beforeAll(async () => {
  demo = startProgram(['demo', '--keep', '--json'], {
    PROVIDER_JOBS_ENCRYPTION_KEYS: key,
    TEMPORAL_CLI_PATH: process.env['TEMPORAL_CLI_PATH'],
  });
  await eventually('it is done', () => demo.written.stderr.includes('Everything goes on until Ctrl-C'), 110_000);
  said = demo.written.stderr;
  pipeline = lastJson({ exitCode: null, ...demo.written }) as PipelineResult;
});

afterAll(() => {
  demo.child.kill('SIGKILL');
});

const find = (pattern: RegExp) => pattern.exec(said)?.[1] ?? '';
const webUrl = () => find(/Web UI at (http:\S+)\./);
const codecUrl = () => find(/Started the codec server .* decodes through it, at (http:\S+)\./);

/** Every payload in what the server sent, in the form in which the Web UI passes it on. */
function payloadsIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  const { metadata, data } = value as Payload;
  if (!metadata || !data) return Object.values(value).flatMap(payloadsIn);
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const fields = Object.entries(metadata).map(([name, bytes]) => [name, base64(bytes)] as const);
  return [{ metadata: Object.fromEntries(fields), data: base64(data) }];
}

test('with a key the demo passes, and its Web UI is told of the codec server', async () => {
  expect(pipeline.jobs.map(({ phase }) => phase)).toEqual(['succeeded', 'succeeded', 'succeeded', 'succeeded']);
  const settings = (await (await fetch(`${webUrl()}/api/v1/settings`)).json()) as { Codec: { Endpoint: string } };
  expect(settings.Codec.Endpoint).toBe(codecUrl());
  expect(codecUrl()).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test('who joins is told of the key and not shown it', () => {
  expect(said).toContain('It needs the same PROVIDER_JOBS_ENCRYPTION_KEYS too');
  expect(said).not.toContain(key.split(':')[1]);
});

test('the server holds no media name, and the codec server shows it to the Web UI', async () => {
  const connection = await Connection.connect({ address: find(/server is up at (\S+) /) });
  try {
    const client = new Client({ connection });
    for (const { workflowId } of [pipeline, ...pipeline.jobs]) {
      expect(await readRecordedText(client, workflowId)).not.toContain(mediaName);
      const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
      for (const origin of [webUrl(), webUrl().replace('127.0.0.1', 'localhost')]) {
        const answer = await fetch(`${codecUrl()}/decode`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', origin },
          body: JSON.stringify({ payloads: payloadsIn(events) }),
        });
        expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
        const { payloads } = (await answer.json()) as { payloads: { data: string }[] };
        expect(payloads.map(({ data }) => Buffer.from(data, 'base64').toString()).join('\n')).toContain(mediaName);
      }
    }
  } finally {
    await connection.close();
  }
});

test('the codec server ends with the rest', async () => {
  const codecServer = Number(find(/Started the codec server \(pid (\d+)\)/));
  expect(isRunning(codecServer)).toBe(true);
  demo.child.kill('SIGINT');
  expect(await demo.ended).toMatchObject({ exitCode: 0 });
  expect(isRunning(codecServer)).toBe(false);
});
