import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { searchAttributeKeys } from '../../src/contract/search-attributes.ts';
import { findTemporalBinary } from '../../src/dev/temporal-binary.ts';
import { ProviderJobs } from '../../src/index.ts';
import { eventually } from '../setup/eventually.ts';
import { beginTiroJob } from '../setup/tiro-job.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

const execute = promisify(execFile);
const script = fileURLToPath(new URL('../../examples/temporal-cli/run-job.sh', import.meta.url));

/** Whether a value is as a shipped schema says. */
function fits(name: string): (value: unknown) => boolean {
  const schema = JSON.parse(
    readFileSync(new URL(`../../schemas/${name}.json`, import.meta.url), 'utf8'),
  ) as z.core.JSONSchema.JSONSchema;
  return (value) => z.fromJSONSchema(schema).safeParse(value).success;
}

describe("a job that was started with Temporal's own command line", () => {
  let world: World;
  let jobs: ProviderJobs;
  let source: string;
  let environment: NodeJS.ProcessEnv;
  let temporal: string;
  beforeAll(async () => {
    world = await startWorld();
    jobs = new ProviderJobs(world.client);
    source = await world.writeSource('talk.wav', makeWav(60));
    temporal = (await findTemporalBinary({ env: process.env })).path;
    environment = { ...process.env, ...world.environment, TEMPORAL_CLI_PATH: temporal };
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(() => world.close());

  const runScript = async (key: string) => (await execute(script, [source, key], { env: environment })).stdout;
  const start = (type: string, workflowId: string, input: object) =>
    execute(
      temporal,
      [
        ...['workflow', 'start', '--type', type, '--workflow-id', workflowId],
        ...['--task-queue', 'provider-jobs', '--input', JSON.stringify(input)],
      ],
      { env: environment },
    );
  const attributesOf = async (workflowId: string) => {
    const { typedSearchAttributes } = await world.client.workflow.getHandle(workflowId).describe();
    return Object.fromEntries(searchAttributeKeys.map((key) => [key.name, typedSearchAttributes.get(key)]));
  };

  it('says where it stands and ends with its outcome, as the example shows', async () => {
    const said = await runScript('example');
    expect(said).toContain('statusCalls');
    expect(said).toMatch(/COMPLETED/);
    expect(said).toContain('transcript.json');
  });

  it('is the same job as one of the same key and input that is started from TypeScript, before and after', async () => {
    await runScript('same');
    const input = { source, deadline: 1_800_000, translationLocales: ['ko_KR'] };
    const job = await jobs.start('tiro', input, { key: 'same' });
    const result = await job.result();
    expect(result).toMatchObject({ workflowId: 'provider-job/tiro/same', phase: 'succeeded' });
    const [before, calls] = [job.runId, world.simulator.calls({ operation: 'tiro.create' }).length];
    expect(await runScript('same')).toContain('transcript.json');
    expect((await jobs.start('tiro', input, { key: 'same' })).runId).toBe(before);
    expect(world.simulator.calls({ operation: 'tiro.create' })).toHaveLength(calls);
    const other = jobs.start('tiro', { source, deadline: '5m' }, { key: 'same' });
    await expect(other).rejects.toMatchObject({ fields: ['deadline', 'translationLocales'] });
  });

  it('tells what its schemas say', async () => {
    const parent = await world.client.workflow.start('nobodyHasThis', {
      taskQueue: 'nobody',
      workflowId: 'hears',
      args: [],
    });
    const id = 'provider-job/tiro/told';
    await start('tiroTranscription', id, { source, notify: ['hears'] });
    const handle = world.client.workflow.getHandle(id);
    const outcome: unknown = await handle.result();
    expect(await handle.query('jobSnapshot')).toSatisfy(fits('job-snapshot'));
    expect(outcome).toSatisfy(fits('job-outcome'));
    expect(outcome).toSatisfy(fits('job-result'));
    const { events } = await parent.fetchHistory();
    const signal = events?.find((event) => event.workflowExecutionSignaledEventAttributes != null);
    const [payload] = signal?.workflowExecutionSignaledEventAttributes?.input?.payloads ?? [];
    expect(JSON.parse(Buffer.from(payload?.data ?? '').toString())).toSatisfy(fits('job-notice'));
    await parent.terminate();
  });

  it('is found by what it did not say itself', async () => {
    await runScript('found');
    expect(await attributesOf('provider-job/tiro/found')).toMatchObject({
      ProviderName: 'tiro',
      ProviderJobId: expect.any(String) as string,
      ProviderJobPhase: 'succeeded',
    });
  });

  it('may follow what somebody else has made, and is joined by who wants the same', async () => {
    world.simulator.addFault({ kind: 'status', operation: 'tiro.status', status: 503, times: null });
    const id = await beginTiroJob(world.simulator);
    const workflowId = `provider-job/tiro/voice-file-job/${id}`;
    const target = { provider: 'tiro', resource: 'voice-file-job', id, observe: null };
    await start('trackJob', workflowId, { ...target, collect: true });
    await eventually('it runs', () => attributesOf(workflowId).catch(() => null));
    const joined = await jobs.track('tiro.voice-file-job', id, { collect: true });
    const { runId } = await world.client.workflow.getHandle(workflowId).describe();
    expect(joined.runId).toBe(runId);
    const more = jobs.track('tiro.voice-file-job', id, { collect: true, translationLocales: ['ko_KR'] });
    await expect(more).rejects.toMatchObject({ name: 'KeyInUseError', fields: ['translationLocales'] });
    world.simulator.clearFaults();
    expect(await joined.result()).toMatchObject({ phase: 'succeeded', jobId: id });
    expect(await attributesOf(workflowId)).toMatchObject({ ProviderName: 'tiro', ProviderJobId: id });
  });
});
