import { fileURLToPath } from 'node:url';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker } from '@temporalio/worker';
import { ProviderJobsPlugin, readConfig } from 'provider-jobs/worker';

const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const connection = await NativeConnection.connect(connectionOptions);
const worker = await Worker.create({
  ...{ connection, namespace },
  taskQueue: 'own-worker',
  workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
  plugins: [new ProviderJobsPlugin({ config: readConfig(process.env) })],
});
await worker.run();
await connection.close();
