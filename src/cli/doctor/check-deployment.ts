import type { Connection } from '@temporalio/client';
import type { DeploymentVersion } from '../../config/config.ts';
import { type Check, fail, ok, reasonOf, warn } from './check.ts';

// `NOT_FOUND` of gRPC.
const notFound = 5;

/** Whether new jobs go to the version that is configured: without a current version its workers get no tasks. */
export async function checkDeployment(
  connection: Connection,
  namespace: string,
  { deploymentName, buildId }: DeploymentVersion,
): Promise<Check> {
  const name = 'Worker versioning';
  const remedy = `temporal worker deployment set-current-version --deployment-name ${deploymentName} --build-id ${buildId}`;
  const routing = await readRouting(connection, namespace, deploymentName).catch((error: unknown) => reasonOf(error));
  if (typeof routing === 'string') {
    return warn(
      name,
      `it could not be read: ${routing}`,
      'Look whether the server has worker deployments and lets you read them.',
    );
  }
  if (routing === null) {
    const first = 'Start a worker with these settings, then run';
    return fail(name, `Temporal knows no deployment ${deploymentName}`, `${first} \`${remedy}\`.`);
  }
  const current = routing.currentDeploymentVersion?.buildId;
  if (current === buildId) return ok(name, `build ${buildId} is the current version of ${deploymentName}`);
  if (!current) {
    const detail = `${deploymentName} has no current version, so its workers get no tasks`;
    return fail(name, detail, `Run \`${remedy}\`.`);
  }
  const detail = `build ${current} is the current version of ${deploymentName}: new jobs do not go to build ${buildId}`;
  return warn(name, detail, `Once its workers run: \`${remedy}\`.`);
}

async function readRouting({ workflowService }: Connection, namespace: string, deploymentName: string) {
  try {
    const { workerDeploymentInfo } = await workflowService.describeWorkerDeployment({ namespace, deploymentName });
    return workerDeploymentInfo?.routingConfig ?? {};
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === notFound) return null;
    throw error;
  }
}
