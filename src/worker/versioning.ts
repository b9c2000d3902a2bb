import type { WorkerOptions } from '@temporalio/worker';
import type { Config } from '../config/config.ts';

/**
 * Under worker versioning a workflow ends on the build that began it. No type says so itself: Temporal refuses the
 * tasks of one that does where versioning is off.
 */
export function versioning({ deploymentVersion }: Config): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (deploymentVersion === undefined) return {};
  return {
    workerDeploymentOptions: {
      useWorkerVersioning: true,
      version: deploymentVersion,
      defaultVersioningBehavior: 'PINNED',
    },
  };
}
