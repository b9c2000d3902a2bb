import { Connection, type WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { checkDeployment } from '../../src/cli/doctor/check-deployment.ts';
import { ProviderJobs } from '../../src/index.ts';
import type { RunningWorker } from '../../src/worker.ts';
import { eventually } from '../setup/eventually.ts';
import { bundleOlderWorkflows } from '../setup/older-bundle.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';
import { readWorkers, startHeldJobs } from './held-jobs.ts';

const deploymentName = 'provider-jobs';

// Each test goes on where the one before it stopped: older, newer and newest are three releases.
describe('with worker versioning', { timeout: 180_000 }, () => {
  let world: World;
  let connection: Connection;
  let source: string;
  const workers: Record<string, RunningWorker> = {};
  beforeAll(async () => {
    // Each queue of a version costs the server about a second.
    const roles = 'workflows,tiro,tiro-transfer,slng,slng-transfer';
    world = await startWorld({ startWorker: false, namespace: 'test-1', environment: { PROVIDER_JOBS_ROLES: roles } });
    connection = await Connection.connect({ address: inject('temporalAddress') });
    source = await world.writeSource('clip.wav', makeWav(30));
  });
  afterAll(async () => {
    await connection.close();
    await world.close();
  });

  const startBuild = async (buildId: string, code: Awaited<ReturnType<typeof bundleOlderWorkflows>> | null = null) => {
    workers[buildId] = await world.startWorker({
      config: { ...world.config, deploymentVersion: { deploymentName, buildId } },
      workerOptions: { identity: buildId },
      ...(code === null ? {} : { workflowCode: code }),
    });
  };
  /** As `temporal worker deployment set-current-version` does; refused until every queue is polled by that build. */
  const makeCurrent = (buildId: string) =>
    eventually(
      `${buildId} is the current version`,
      () => {
        const { namespace } = world;
        const request = { namespace, deploymentName, buildId, identity: 'test' };
        return connection.workflowService.setWorkerDeploymentCurrentVersion(request).catch(() => null);
      },
      60_000,
    );
  const check = (buildId: string) => checkDeployment(connection, world.namespace, { deploymentName, buildId });
  const command = (buildId: string) => `set-current-version --deployment-name ${deploymentName} --build-id ${buildId}`;
  const startTiro = (key: string) => world.start('tiroTranscription', `provider-job/tiro/${key}`, { source });
  async function versioningOf(handle: WorkflowHandle) {
    const { raw } = await handle.describe();
    return raw.workflowExecutionInfo?.versioningInfo;
  }
  async function expectDoneBy(buildId: string, handles: WorkflowHandle[]) {
    for (const handle of handles) {
      expect(await handle.result(), handle.workflowId).toMatchObject({ phase: 'succeeded' });
      expect(await readWorkers(handle), handle.workflowId).toEqual([buildId]);
    }
  }

  it('doctor says why workers get no tasks until their version is current', async () => {
    const unknown = { state: 'fail', detail: expect.stringMatching(/knows no deployment/) as string };
    expect(await check('older')).toMatchObject(unknown);
    await startBuild('older', await bundleOlderWorkflows());
    const waiting = await eventually('the deployment is known', async () => {
      const found = await check('older');
      return /no current version/.test(found.detail) ? found : null;
    });
    expect(waiting).toMatchObject({ state: 'fail', remedy: expect.stringContaining(command('older')) as string });
    const handle = await startTiro('first');
    await makeCurrent('older');
    await expectDoneBy('older', [handle]);
    expect((await check('older')).state).toBe('ok');
    const another = { state: 'warn', remedy: expect.stringContaining(command('newer')) as string };
    expect(await check('newer')).toMatchObject(another);
  });

  it('jobs end on the build that began them, and new ones begin on the current one', async () => {
    const held = await startHeldJobs(world, 'held', { tiro: 'tiro.upload-complete', slng: 'slng.create' });
    await startBuild('newer');
    await makeCurrent('newer');
    held.release();
    const pipeline = await world.start('mediaPipeline', 'media-pipeline/new', {
      source,
      steps: [{ provider: 'slng' }],
    });
    expect(await pipeline.result()).toMatchObject({ succeeded: true });
    await expectDoneBy('newer', [await startTiro('new')]);
    await expectDoneBy('older', held.handles);
    const child = world.client.workflow.getHandle('provider-job/slng/new.slng');
    expect(await readWorkers(pipeline)).toEqual(['newer']);
    expect(await readWorkers(child)).toEqual(['newer']);
  });

  it('a job whose build is gone waits until it is moved', async () => {
    const held = await startHeldJobs(world, 'left', { tiro: 'tiro.status' });
    await workers['newer']?.stop();
    await startBuild('newest');
    await makeCurrent('newest');
    held.release();
    await expectDoneBy('newest', [await startTiro('meanwhile')]);
    const [left] = held.handles;
    if (left === undefined) throw new Error('no job is held');
    expect((await left.describe()).status.name).toBe('RUNNING');
    expect((await versioningOf(left))?.deploymentVersion?.buildId).toBe('newer');
    // As `temporal workflow update-options --versioning-override-behavior auto_upgrade` does.
    await connection.workflowService.updateWorkflowExecutionOptions({
      namespace: world.namespace,
      workflowExecution: { workflowId: left.workflowId },
      workflowExecutionOptions: { versioningOverride: { autoUpgrade: true } },
      updateMask: { paths: ['versioning_override'] },
    });
    expect(await left.result()).toMatchObject({ phase: 'succeeded' });
    expect(await readWorkers(left)).toEqual(['newer', 'newest']);
  });

  it('a job that failed on a build that is gone is resumed on the current one', async () => {
    world.simulator.addFault({ kind: 'status', operation: 'tiro.status', status: 422, times: null });
    const failed = await startTiro('failed');
    await failed.result().catch(() => undefined);
    world.simulator.clearFaults();
    expect((await versioningOf(failed))?.deploymentVersion?.buildId).toBe('newest');
    await workers['newest']?.stop();
    await startBuild('mended');
    await makeCurrent('mended');
    const resumed = await new ProviderJobs(world.client).resume(failed.workflowId);
    expect(resumed).toMatchObject({ outcome: 'resumed', plan: { makes: [] } });
    const handle = world.client.workflow.getHandle(failed.workflowId, resumed.runId ?? undefined);
    expect(await handle.result()).toMatchObject({ phase: 'succeeded' });
    expect((await versioningOf(handle))?.versioningOverride?.pinned?.version?.buildId).toBe('mended');
  });
});
