import { z } from 'zod';
import { ingestInput } from '../../src/activities/ingest/ingest.ts';
import { retentionOptions, sweepOptions } from '../../src/client/cleaning-input.ts';
import { mediaPipelineInput } from '../../src/client/pipeline-input.ts';
import { lifecycleWorkflowTypes } from '../../src/contract/workflow-types.ts';
import type { LifecycleProvider } from '../../src/providers/lifecycle-inputs.ts';
import { providers } from '../../src/providers/registry.ts';
import { scheduleFile } from '../../src/schedules/schedule-file.ts';
import type { ContractTypes } from './contract-types.ts';
import { Descriptions } from './descriptions.ts';
import * as shapes from './shapes.ts';

type SchemaName = keyof ContractTypes;

const lifecycles = Object.entries(lifecycleWorkflowTypes).map(([provider, workflowType]) => [
  `${workflowType}.input`,
  [`Input of the workflow ${workflowType}`, providers[provider as LifecycleProvider].lifecycle.input],
]);

const schemas: Record<SchemaName, [title: string, schema: z.ZodType]> = {
  ...(Object.fromEntries(lifecycles) as Record<
    `${(typeof lifecycleWorkflowTypes)[LifecycleProvider]}.input`,
    [string, z.ZodType]
  >),
  'trackJob.input': ['Input of the workflow trackJob', shapes.trackJobInput],
  'mediaPipeline.input': ['Input of the workflow mediaPipeline', mediaPipelineInput],
  'ingest.input': ['Input of the workflow ingest', ingestInput],
  'sweep.input': ['Input of the workflow sweep', z.strictObject(sweepOptions)],
  'retention.input': ['Input of the workflow retention', z.strictObject(retentionOptions)],
  'job-outcome': ['What a job, also a tracked one, ends with', shapes.jobOutcome],
  'job-result': ['How a job ended, whichever way: what commands print and outcome.json holds', shapes.jobResult],
  'job-notice': ['The argument of the signal jobFinished', shapes.jobNotice],
  'job-failure': ['The details of the failure of a job whose workflow failed', shapes.jobFailureDetails],
  'job-snapshot': ['The answer to the query jobSnapshot', shapes.jobState],
  'pipeline-outcome': ['What a pipeline ends with', shapes.pipelineOutcome],
  'pipeline-notice': ['The argument of the signal pipelineFinished', shapes.pipelineNotice],
  'pipeline-steps': ['The answer to the query pipelineSteps', shapes.pipelineSteps],
  'ingest-result': ['What an ingest ends with', shapes.ingestResult],
  'cleaning-result': ['What a sweep or retention ends with', shapes.cleaningResult],
  schedules: ['A file of schedules for `provider-jobs schedules apply`', scheduleFile],
};

/** The JSON Schemas of all that goes in and out, by name; `$schema` and what is given and absent are as of draft 2020-12. */
export function makeSchemas(): Record<SchemaName, z.core.JSONSchema.BaseSchema> {
  const descriptions = new Descriptions();
  const made = Object.entries(schemas).map(([name, [title, schema]]) => {
    // As it is written: defaults may be left out, and receivers take fields that they do not know.
    const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    descriptions.describe(name, rest);
    return [name, { $schema, title, ...rest }];
  });
  return Object.fromEntries(made) as Record<SchemaName, z.core.JSONSchema.BaseSchema>;
}
