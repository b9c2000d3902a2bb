import { type NativeConnection, Runtime, type WorkerOptions } from '@temporalio/worker';

type NexusServices = NonNullable<WorkerOptions['nexusServices']>;

const isMissingPackage = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes('nexus');

/** What a worker of the main queue serves over Nexus: nothing where the server has none, or its packages are missing. */
export async function findNexusServices(connection: NativeConnection): Promise<NexusServices> {
  const { capabilities } = await connection.workflowService.getSystemInfo({});
  if (capabilities?.nexus !== true) return [];
  try {
    const { createNexusService } = await import('./nexus-service.ts');
    return [createNexusService()];
  } catch (error) {
    if (!isMissingPackage(error)) throw error;
    Runtime.instance().logger.info('Nexus operations are off: @temporalio/nexus and nexus-rpc are not installed');
    return [];
  }
}
