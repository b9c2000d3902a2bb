import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

// The last step of `npm run build`, run from `dist`: a worker that finds the bundle needs no bundler at start.
const workflowsPath = fileURLToPath(new URL('../workflows/index.js', import.meta.url));
const { code } = await bundleWorkflowCode({ workflowsPath });
await writeFile(new URL('../workflow-bundle.js', import.meta.url), code);
