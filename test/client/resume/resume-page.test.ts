import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ProviderJobs } from '../../../src/client.ts';
import type { JobOutcome } from '../../../src/contract/job.ts';
import { lifecycleWorkflowTypes } from '../../../src/contract/workflow-types.ts';
import type { LifecycleProvider } from '../../../src/providers/lifecycle-inputs.ts';
import type { Operation } from '../../../src/simulator/operations.ts';
import { eventually } from '../../setup/eventually.ts';
import { expectOwnResults } from '../../setup/own-results.ts';
import { makeWav } from '../../setup/wav.ts';
import { startWorld, type World } from '../../setup/world.ts';

const path = new URL('../../../docs/resume.md', import.meta.url).pathname;
const mark = '<!-- From here on written by npx vitest run test/client/resume/resume-page.test.ts -u -->\n';

/** The operation by which the simulator counts what a dry run says. */
const operationOf: Record<string, Operation> = {
  'soket upload': 'soket.upload',
  'soket batch': 'soket.submit',
  'twelvelabs upload session': 'twelvelabs.create-session',
  'twelvelabs missing chunks': 'twelvelabs.part-put',
  'tiro voice-file job': 'tiro.create',
  'slng upload': 'slng.storage-put',
  'slng job': 'slng.create',
};

/** Where each lifecycle is made to fail, in its order. */
const stages: Record<LifecycleProvider, Record<string, Operation>> = {
  soket: {
    upload: 'soket.upload',
    'wait for the upload': 'soket.upload-status',
    submit: 'soket.submit',
    wait: 'soket.batch-status',
    collect: 'soket.batch-results',
  },
  twelvelabs: {
    create: 'twelvelabs.create-session',
    addresses: 'twelvelabs.presigned-urls',
    chunks: 'twelvelabs.part-put',
    'ask after the chunks': 'twelvelabs.report',
    'wait for the asset': 'twelvelabs.asset-status',
  },
  tiro: {
    create: 'tiro.create',
    upload: 'tiro.storage-put',
    complete: 'tiro.upload-complete',
    wait: 'tiro.status',
    collect: 'tiro.transcript',
  },
  slng: {
    presign: 'slng.presign',
    upload: 'slng.storage-put',
    create: 'slng.create',
    wait: 'slng.status',
    'list results': 'slng.files',
    collect: 'slng.storage-get',
  },
};

const lines: string[] = [];

describe('resume', () => {
  let world: World;
  let jobs: ProviderJobs;
  beforeAll(async () => {
    world = await startWorld({ simulator: { chunkSizeBytes: 65_536 } });
    jobs = new ProviderJobs(world.client);
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(() => world.close());

  const counted = (provider: string) =>
    Object.fromEntries(
      Object.entries(operationOf)
        .filter(([what]) => what.startsWith(`${provider} `))
        .map(([what, operation]) => [what.slice(provider.length + 1), world.simulator.calls({ operation }).length]),
    );
  const run = async (workflowType: string, workflowId: string, input: object) => {
    const handle = await world.start(workflowType, workflowId, input);
    await handle.result().catch(() => undefined);
    return (await handle.describe()).status.name;
  };

  /** Dry run, resume, success; what was made on the way by the simulator's count is what the dry run had said. */
  async function goesOn(provider: LifecycleProvider, workflowId: string, stage: string, audio: Uint8Array) {
    const said = await jobs.resume(workflowId, { dryRun: true });
    expect(said).toMatchObject({ outcome: 'resumable', why: null });
    const before = counted(provider);
    const resumed = await jobs.resume(workflowId);
    expect(resumed).toMatchObject({ outcome: 'resumed', plan: said.plan });
    const outcome = (await world.client.workflow.getHandle(workflowId).result()) as JobOutcome;
    expect(outcome).toMatchObject({ phase: 'succeeded', runId: resumed.runId });
    await expectOwnResults(outcome.artifacts, audio);
    const after = counted(provider);
    const made = Object.keys(after).filter((what) => (after[what] ?? 0) > (before[what] ?? 0));
    expect(made).toEqual(said.plan?.makes);
    for (const what of made) if (what !== 'missing chunks') expect(after[what]).toBe((before[what] ?? 0) + 1);
    const { endedAs, from, makes, again } = said.plan ?? { endedAs: '', from: '', makes: [], again: [] };
    const or = (words: readonly string[]) => words.join(', ') || 'nothing';
    const cells = [provider, stage, endedAs, `\`${from ?? ''}\``, or(makes), or(made), or(again)];
    lines.push(`| ${cells.join(' | ')} |`);
  }

  describe.each(Object.entries(stages))('of a job at %s', (name, operations) => {
    const provider = name as LifecycleProvider;
    it.each(Object.entries(operations))('goes on after a failure at: %s', async (stage, operation) => {
      const audio = makeWav(30);
      const source = await world.writeSource(`${provider}-${stage}.wav`, audio);
      world.simulator.setPlan(provider, { durationMs: 100 });
      world.simulator.addFault({ kind: 'status', operation, status: 422, times: null });
      const workflowId = `provider-job/${provider}/${encodeURIComponent(stage)}`;
      expect(await run(lifecycleWorkflowTypes[provider], workflowId, { source })).toBe('FAILED');
      world.simulator.clearFaults();
      await goesOn(provider, workflowId, stage, audio);
    });

    it('goes on after it was terminated while it waited', async () => {
      const audio = makeWav(30);
      const source = await world.writeSource(`${provider}-terminated.wav`, audio);
      const operation = (operations['wait'] ?? operations['wait for the asset']) as Operation;
      world.simulator.addFault({ kind: 'status', operation, status: 503, times: null });
      const looks = () => world.simulator.calls({ operation }).length;
      const looksBefore = looks();
      const workflowId = `provider-job/${provider}/terminated`;
      const handle = await world.start(lifecycleWorkflowTypes[provider], workflowId, { source });
      await eventually('it waits', () => looks() > looksBefore + 2);
      await handle.terminate('by hand');
      world.simulator.clearFaults();
      await goesOn(provider, workflowId, 'terminated in the wait', audio);
    });
  });

  it('is told by its page', async () => {
    const [prose = ''] = readFileSync(path, 'utf8').split(mark);
    const head = [
      '| provider | failed at | as | goes on with | makes, by the dry run | made, by the simulator | may be there already |',
      '|---|---|---|---|---|---|---|',
    ];
    await expect(`${prose}${mark}\n${[...head, ...lines].join('\n')}\n`).toMatchFileSnapshot(path);
  });
});
