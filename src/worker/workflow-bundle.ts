import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { WorkflowBundleOption } from '@temporalio/worker';

/** Where workflow code comes from, as `Worker.create` takes it. */
export type WorkflowCode = { workflowBundle: WorkflowBundleOption } | { workflowsPath: string };

/** The bundles that the build makes: one as usual, and one for payload encryption, which puts failures into payloads. */
export const bundleFiles = {
  usual: 'workflow-bundle.js',
  encodesFailures: 'workflow-bundle-encoding-failures.js',
} as const;

/** Where the workflow code itself is: what was built, or in a checkout the sources. */
export function workflowsPath(): string {
  const ending = import.meta.url.endsWith('.js') ? 'js' : 'ts';
  return fileURLToPath(new URL(`../workflows/index.${ending}`, import.meta.url));
}

/**
 * The bundle that `npm run build` made, which saves each worker a second and 200 MB; in a checkout, or where interceptors of
 * somebody else's go into the bundle, the sources, which are bundled in the process.
 */
export function findWorkflowCode({ encodesFailures = false, isExtended = false } = {}): WorkflowCode {
  const codePath = fileURLToPath(
    new URL(`../${bundleFiles[encodesFailures ? 'encodesFailures' : 'usual']}`, import.meta.url),
  );
  if (!isExtended && import.meta.url.endsWith('.js') && existsSync(codePath)) return { workflowBundle: { codePath } };
  return { workflowsPath: workflowsPath() };
}
