import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  InvalidInputError,
  KeyInUseError,
  type LifecycleInputs,
  type LiveSnapshot,
  type MediaPipelineInput,
  ProviderJobs,
  type TrackOptions,
} from '../../src/index.ts';
import { providerNameAttribute } from '../../src/contract/search-attributes.ts';
import { eventually } from '../setup/eventually.ts';
import { beginTiroJob } from '../setup/tiro-job.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

const forEver = { script: [{ status: 'PROCESSING' }] };

describe('ProviderJobs', () => {
  let world: World;
  let jobs: ProviderJobs;
  let source: string;
  beforeAll(async () => {
    world = await startWorld();
    jobs = new ProviderJobs(world.client, { webUrl: 'http://ui.test:8233/' });
    source = await world.writeSource('talk.wav', makeWav(60));
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(() => world.close());

  const tiroPlan = (plan: object) => {
    world.simulator.setPlan('tiro', { durationMs: 100, ...plan });
  };
  const slngPlan = (plan: object) => {
    world.simulator.setPlan('slng', { durationMs: 100, ...plan });
  };

  it('starts a job and gives its result in the shape of command results', async () => {
    tiroPlan({});
    const job = await jobs.start('tiro', { source }, { key: 'shape' });
    const result = await job.result();
    expect(result).toEqual({
      workflowId: 'provider-job/tiro/shape',
      runId: job.runId,
      provider: 'tiro',
      resource: 'tiro.voice-file-job',
      jobId: world.simulator.jobs('tiro').at(-1)?.id,
      ids: { id: result.jobId },
      phase: 'succeeded',
      status: 'COMPLETED',
      recognised: true,
      message: null,
      statusCalls: expect.any(Number) as number,
      artifacts: expect.any(Array) as unknown[],
      missing: [],
      outcome: expect.stringMatching(/\/provider-job\/tiro\/shape\/outcome\.json$/) as string,
      failure: null,
      cleanup: null,
      media: [{ name: 'talk.wav', mediaType: 'audio/wav', sizeBytes: 480_044, durationSeconds: 60 }],
      startedAt: expect.any(String) as string,
      endedAt: expect.any(String) as string,
    });
    expect(result.artifacts.length).toBeGreaterThan(0);
    expect(job.webUrl).toBe(
      `http://ui.test:8233/namespaces/${world.namespace}/workflows/provider-job%2Ftiro%2Fshape/${String(job.runId)}/history`,
    );
  });

  it('says in the workflow, in plain words and attributes, what it is about', async () => {
    tiroPlan({});
    const job = await jobs.start('tiro', { source, deadline: '10m', credential: 'default' }, { key: 'words' });
    const described = await world.client.workflow.getHandle(job.workflowId).describe();
    expect(await described.staticSummary()).toBe('Tiro: talk.wav');
    expect(await described.staticDetails()).toContain('at most 10 min');
    expect(described.typedSearchAttributes.get(providerNameAttribute)).toBe('tiro');
    expect(described.priority?.fairnessKey).toBe('default');
    expect(Number(described.raw.executionConfig?.workflowExecutionTimeout?.seconds)).toBe((24 * 60 + 25) * 60);
    await job.result();
  });

  it('starts the same key once, while it runs and after its end', async () => {
    tiroPlan({});
    const creations = () => world.simulator.calls({ operation: 'tiro.create' }).length;
    const before = creations();
    const [first, second] = await Promise.all([
      jobs.start('tiro', { source }, { key: 'twice' }),
      jobs.start('tiro', { source }, { key: 'twice' }),
    ]);
    expect(second.runId).toBe(first.runId);
    const { jobId } = await first.result();
    const third = await jobs.start('tiro', { source, deadline: undefined }, { key: 'twice' });
    expect(await third.result()).toMatchObject({ runId: first.runId, jobId });
    expect(creations()).toBe(before + 1);
  });

  it('refuses a key that belongs to other input, naming the fields', async () => {
    tiroPlan({});
    const job = await jobs.start('tiro', { source, transcriptLocaleHints: ['en_US'] }, { key: 'other' });
    const error = await jobs
      .start('tiro', { source, transcriptLocaleHints: ['ko_KR'], deadline: '5m' }, { key: 'other' })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(KeyInUseError);
    expect(error).toMatchObject({ fields: ['deadline', 'transcriptLocaleHints'], workflowId: job.workflowId });
    await job.result();
    await expect(jobs.start('tiro', { source }, { key: 'other' })).rejects.toThrow('transcriptLocaleHints differs');
  });

  it('joins a job by its input, whoever started it and however that was written', async () => {
    tiroPlan({});
    const pipeline = await jobs.pipeline({ source, steps: [{ provider: 'tiro' }] }, { key: 'parent' });
    await pipeline.result();
    const joined = await jobs.start('tiro', { source, credential: 'default' }, { key: 'parent.tiro' });
    expect(await joined.result()).toMatchObject({ runId: joined.runId, phase: 'succeeded' });
    const other = jobs.start('tiro', { source, deadline: '9m' }, { key: 'parent.tiro' });
    await expect(other).rejects.toMatchObject({ name: 'KeyInUseError', fields: ['deadline'] });

    const written = { source: source.replace('file:///', 'FILE:/'), deadline: 600_000, notify: null };
    await world.start('slngTranscription', 'provider-job/slng/elsewhere', written);
    const same = await jobs.start('slng', { deadline: '10m', source, transcription_config: {} }, { key: 'elsewhere' });
    expect((await same.result()).workflowId).toBe('provider-job/slng/elsewhere');
    await world.start('slngTranscription', 'provider-job/slng/nonsense', { source: 7 });
    await expect(jobs.start('slng', { source }, { key: 'nonsense' })).rejects.toThrow('cannot be compared');
  });

  it('takes null for an option that is absent, in each way of starting', async () => {
    tiroPlan({});
    const nulls = { credential: null, deadline: null, notify: null, translationLocales: null };
    const given = { source, ...nulls } as unknown as LifecycleInputs['tiro'];
    const job = await jobs.start('tiro', given, { key: 'nulls' });
    expect(await job.result()).toMatchObject({ phase: 'succeeded' });
    expect((await jobs.start('tiro', { source }, { key: 'nulls' })).runId).toBe(job.runId);
    const track = { credential: null, deadline: null, observe: null, notify: null } as unknown as TrackOptions;
    const tracked = await jobs.track('tiro.voice-file-job', (await job.result()).jobId ?? '', track);
    expect(await tracked.result()).toMatchObject({ phase: 'succeeded' });
    const steps = [{ provider: 'tiro', name: null, options: nulls, acceptPartial: null }];
    const input = { source, steps, strategy: null, notify: null } as unknown as MediaPipelineInput;
    const pipeline = await jobs.pipeline(input, { key: 'nulls' });
    expect(await pipeline.result()).toMatchObject({ succeeded: true, jobs: [{ step: 'tiro' }] });
    const wrong = jobs.start('tiro', { source: null } as unknown as LifecycleInputs['tiro']);
    await expect(wrong).rejects.toThrow('source: Invalid input: expected string, received null; given null');
    // As other languages start it, without this client.
    const foreign = await world.start('tiroTranscription', 'provider-job/tiro/foreign', given);
    expect(await foreign.result()).toMatchObject({ phase: 'succeeded' });
    const nested = { source, transcription_config: { language: 'de', domain: null }, tracking: null };
    const deep = await world.start('slngTranscription', 'provider-job/slng/nested', nested);
    expect(await deep.result()).toMatchObject({ phase: 'succeeded' });
  });

  it('refuses what is too large for Temporal, naming the field, before anything is started', async () => {
    const additional_vocab = Array.from({ length: 20_000 }, (_, i) => ({
      content: `a rare term ${String(i)}`.repeat(4),
    }));
    const options = { transcription_config: { additional_vocab } };
    const start = jobs.start('slng', { source, ...options }, { key: 'large' });
    await expect(start).rejects.toThrow(
      /^transcription_config\.additional_vocab: expected an input of at most 1 MiB; it has 1\.\d+ MiB/,
    );
    const pipeline = jobs.pipeline(
      { source, steps: [{ provider: 'tiro' }, { provider: 'slng', options }] },
      { key: 'large' },
    );
    await expect(pipeline).rejects.toThrow(/^steps\.1\.options\.transcription_config\.additional_vocab: /);
    const notify = Array.from({ length: 20 }, (_, i) => `${String(i)}${'x'.repeat(990)}`);
    await expect(jobs.track('slng.batch-job', 'a', { notify })).resolves.toBeDefined();
    await expect(world.client.workflow.getHandle('provider-job/slng/large').describe()).rejects.toThrow();
    const handle = await world.start('slngTranscription', 'provider-job/slng/large', { source, ...options });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
  });

  it('starts nothing for an input that is not valid', async () => {
    const count = () => world.simulator.calls({}).length;
    const before = count();
    await expect(jobs.start('tiro', { source: 'talk.wav' }, { key: 'invalid' })).rejects.toThrow(InvalidInputError);
    await expect(world.client.workflow.getHandle('provider-job/tiro/invalid').describe()).rejects.toThrow();
    expect(count()).toBe(before);
  });

  it.each([
    ['fails at the provider', { outcome: 'failed' }, { phase: 'failed', status: 'FAILED', failure: null }],
    ['is past its deadline', forEver, { failure: { type: 'DeadlineExceeded' }, status: 'PROCESSING' }],
  ])('gives a result for a job that %s', async (name, plan, expected) => {
    tiroPlan(plan);
    const job = await jobs.start('tiro', { source, deadline: '5s' }, { key: `ends ${name}` });
    expect(await job.result()).toMatchObject({ ...expected, provider: 'tiro', resource: 'tiro.voice-file-job' });
  });

  it('gives the id and the phase of a cancelled job, and what clean-up came to', async () => {
    slngPlan({ durationMs: 600_000_000 });
    const job = await jobs.start('slng', { source }, { key: 'cancelled' });
    await eventually('it has a job', async () => (await job.snapshot()).jobId);
    await job.cancel();
    const result = await job.result();
    expect(result).toMatchObject({ failure: { type: 'Cancelled' }, jobId: expect.any(String) as string });
    expect(['queued', 'running']).toContain(result.phase);
    expect(result.cleanup).not.toBeNull();
    await expect(job.cancel()).resolves.toBeUndefined();
  });

  it('gives what was known of a terminated job', async () => {
    tiroPlan(forEver);
    const job = await jobs.start('tiro', { source }, { key: 'terminated' });
    await eventually('it is polled', async () => (await job.snapshot()).status);
    await world.client.workflow.getHandle(job.workflowId).terminate('enough');
    expect(await job.result()).toMatchObject({
      failure: { type: 'Terminated', message: 'enough' },
      jobId: expect.any(String) as string,
      resource: 'tiro.voice-file-job',
      status: 'PROCESSING',
      cleanup: null,
    });
  });

  it('tracks a job that somebody else created, again after its end', async () => {
    tiroPlan({});
    const id = await beginTiroJob(world.simulator);
    const first = await jobs.track('tiro.voice-file-job', id, { observe: 'terminal' });
    expect(first.workflowId).toBe(`provider-job/tiro/voice-file-job/${id}`);
    expect(await first.result()).toMatchObject({ jobId: id, phase: 'succeeded', failure: null });
    const second = await jobs.track('tiro.voice-file-job', id);
    expect(second.runId).not.toBe(first.runId);
    expect(await second.result()).toMatchObject({ jobId: id, phase: 'succeeded', runId: second.runId });
  });

  it('joins a track that stores all that is wanted, and refuses what it does not store', async () => {
    tiroPlan(forEver);
    const id = await beginTiroJob(world.simulator);
    const track = (options: TrackOptions) => jobs.track('tiro.voice-file-job', id, options);
    const { runId } = await track({ collect: true, translationLocales: ['ko_KR', 'ja_JP'] });
    for (const translationLocales of [['ja_JP', 'ko_KR'], ['ko_KR'], [], undefined]) {
      const wanted = translationLocales === undefined ? {} : { translationLocales };
      expect((await track({ collect: true, ...wanted })).runId).toBe(runId);
    }
    expect((await track({})).runId).toBe(runId);
    const more = track({ collect: true, translationLocales: ['ko_KR', 'fr_FR'] });
    await expect(more).rejects.toMatchObject({ name: 'KeyInUseError', fields: ['translationLocales'] });
    await world.client.workflow.getHandle(`provider-job/tiro/voice-file-job/${id}`).terminate();
  });

  it('follows the same id of two accounts as two jobs', async () => {
    const id = await beginTiroJob(world.simulator);
    const theirs = await jobs.track('tiro.voice-file-job', id, { credential: 'acme' });
    const ours = await jobs.track('tiro.voice-file-job', id, { credential: 'default' });
    expect(theirs.workflowId).toBe(`${ours.workflowId}@acme`);
    expect(await ours.result()).toMatchObject({ jobId: id, phase: 'succeeded' });
    await theirs.cancel();
    expect(await theirs.result()).toMatchObject({ jobId: id, failure: { type: 'Cancelled' } });
  });

  it('gives the id of a tracked job that is cancelled', async () => {
    tiroPlan(forEver);
    const id = await beginTiroJob(world.simulator);
    const track = await jobs.track('tiro.voice-file-job', id);
    expect((await jobs.track('tiro.voice-file-job', id)).runId).toBe(track.runId);
    await eventually('it is polled', async () => (await track.snapshot()).status);
    await track.cancel();
    const result = await jobs.handle(track.workflowId).result();
    expect(result).toMatchObject({ jobId: id, failure: { type: 'Cancelled' }, resource: 'tiro.voice-file-job' });
    expect(result.statusCalls).toBeGreaterThan(0);
  });

  it('watches a job until its end, each snapshot different from the one before', async () => {
    tiroPlan({ durationMs: 150_000 });
    const job = await jobs.start('tiro', { source }, { key: 'watched' });
    const seen: LiveSnapshot[] = [];
    for await (const snapshot of job.watch()) seen.push(snapshot);
    expect(seen.length).toBeGreaterThan(1);
    expect(new Set(seen.map((each) => JSON.stringify(each))).size).toBe(seen.length);
    expect(seen[0]?.workflowStatus).toBe('RUNNING');
    expect(seen.at(-1)).toMatchObject({ workflowStatus: 'COMPLETED', phase: 'succeeded', status: 'COMPLETED' });
  });

  it('ends a watch when it is aborted, and leaves the job running', async () => {
    tiroPlan(forEver);
    const job = await jobs.start('tiro', { source }, { key: 'aborted' });
    const stop = new AbortController();
    let count = 0;
    for await (const snapshot of job.watch({ signal: stop.signal })) {
      count += 1;
      if (snapshot.jobId !== null) stop.abort();
    }
    expect(count).toBeGreaterThan(0);
    expect((await job.snapshot()).workflowStatus).toBe('RUNNING');
    await job.cancel();
    await job.result();
  });

  it('runs a pipeline and gives each job in the shape of a result', async () => {
    tiroPlan({});
    slngPlan({});
    const pipeline = await jobs.pipeline(
      { source, steps: [{ provider: 'tiro' }, { provider: 'slng', name: 'second' }] },
      { key: 'all' },
    );
    const steps = new Set<string>();
    for await (const { jobs: running } of pipeline.watch()) {
      for (const { step, snapshot } of running) if (snapshot !== null) steps.add(step);
    }
    expect([...steps].sort()).toEqual(['second', 'tiro']);
    const result = await pipeline.result();
    expect(result).toMatchObject({ workflowId: 'media-pipeline/all', strategy: 'all', succeeded: true, failure: null });
    expect(result.jobs).toMatchObject([
      { step: 'tiro', workflowId: 'provider-job/tiro/all.tiro', phase: 'succeeded', status: 'COMPLETED' },
      { step: 'second', workflowId: 'provider-job/slng/all.second', phase: 'succeeded', status: 'DONE' },
    ]);
  });

  it('gives each job of a cancelled pipeline, also those that were not started', async () => {
    tiroPlan(forEver);
    const pipeline = await jobs.pipeline(
      { source, steps: [{ provider: 'tiro' }, { provider: 'slng' }], strategy: 'first-success' },
      { key: 'stopped' },
    );
    await eventually('the first job is polled', async () => (await pipeline.snapshot()).jobs[0]?.snapshot?.status);
    expect((await pipeline.snapshot()).jobs[1]).toMatchObject({ step: 'slng', snapshot: null });
    await pipeline.cancel();
    const result = await jobs.pipelineHandle(pipeline.workflowId).result();
    expect(result).toMatchObject({ succeeded: false, failure: { type: 'Cancelled' }, strategy: 'first-success' });
    expect(result.jobs).toMatchObject([
      { step: 'tiro', failure: { type: 'Cancelled' }, jobId: expect.any(String) as string },
      { step: 'slng', failure: { type: 'NotStarted' }, runId: null },
    ]);
  });

  it.each(['media-pipeline/x', 'provider-job/acme/x', 'somebody-elses', 'provider-job/tiro'])(
    'refuses %s as the id of a job',
    (id) => {
      expect(() => jobs.handle(id)).toThrow(InvalidInputError);
    },
  );

  it('refuses the id of a job as that of a pipeline', () => {
    expect(() => jobs.pipelineHandle('provider-job/tiro/x')).toThrow(InvalidInputError);
  });
});
