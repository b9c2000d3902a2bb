import { type BundleOptions, bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { findFailureConverter } from '../encryption/data-converter.ts';
import { workflowsPath } from './workflow-bundle.ts';

/** What is bundled with our workflow code, and how: as `bundleWorkflowCode` takes it. */
export interface BundleProviderJobsWorkflowsOptions extends Omit<BundleOptions, 'workflowsPath'> {
  /**
   * True for workers that encrypt: puts in what turns the words of failures into payloads, unless `failureConverterPath`
   * is given. A `ProviderJobsPlugin` among the plugins does it by itself. Default false.
   */
  encrypts?: boolean;
}

/**
 * Bundles our workflow code ahead, with plugins or workflow interceptors of your own (without any, the package has the
 * bundle already). Takes seconds and 200 MB, which no worker then takes at its start: give what comes out as
 * `workflowCode: { workflowBundle }`.
 * @throws Error where the bundler fails, or with `encrypts` in a program that was itself bundled into one file.
 */
export function bundleProviderJobsWorkflows(
  options: BundleProviderJobsWorkflowsOptions = {},
): Promise<WorkflowBundleWithSourceMap> {
  const { encrypts = false, ...rest } = options;
  return bundleWorkflowCode({
    ...(encrypts ? { failureConverterPath: findFailureConverter() } : {}),
    ...rest,
    workflowsPath: workflowsPath(),
  });
}
