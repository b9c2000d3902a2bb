import { Connection } from '@temporalio/client';
import { localConnection } from '../config/temporal-connection.ts';

/** Where an endpoint leads: to the workers of a task queue in a namespace. */
export interface NexusTarget {
  namespace: string;
  taskQueue: string;
}

/** Makes a Nexus endpoint on a server; false where the server has no Nexus. */
export async function createNexusEndpoint(address: string, name: string, target: NexusTarget): Promise<boolean> {
  const connection = await Connection.connect({ ...localConnection, address });
  try {
    const { capabilities } = await connection.workflowService.getSystemInfo({});
    if (capabilities?.nexus !== true) return false;
    await connection.operatorService.createNexusEndpoint({ spec: { name, target: { worker: target } } });
    return true;
  } finally {
    await connection.close();
  }
}
