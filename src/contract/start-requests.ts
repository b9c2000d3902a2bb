import type { SearchAttributePair } from '@temporalio/common';
import { lifecycleWorkflowTypes, pipelineWorkflowType, trackWorkflowType } from './workflow-types.ts';
import { type MediaPipelineInput, stepName, stepsMemo, stepsOf } from './pipeline.ts';
import type { LifecycleProvider } from '../providers/lifecycle-inputs.ts';
import type { ProviderName } from '../providers/registry.ts';
import { providerJobIdAttribute, providerNameAttribute } from './search-attributes.ts';
import { describeSources } from './source-name.ts';
import { executionTimeoutMs } from './deadlines.ts';
import { lifecycleWorkflowId, pipelineWorkflowId, trackWorkflowId } from './workflow-ids.ts';
import type { TrackJobInput } from './job.ts';

/** Everything that a workflow of ours is started with. */
export interface StartRequest {
  workflowType: string;
  workflowId: string;
  input: object;
  /** Whether a closed workflow under this id gives way to a new one. */
  reusesId: boolean;
  /** The fields in which a running workflow of such an id must agree to be joined. */
  joinsIf?: readonly string[];
  executionTimeoutMs: number;
  /** What can be read of it without its history. */
  memo?: Record<string, unknown>;
  searchAttributes: SearchAttributePair[];
  credential: string | undefined;
  /** One line, and a few more, for people who look at the Web UI. */
  summary: string;
  details: string;
}

/** What only providers' modules and people's forms of time can say. */
export interface StartWords {
  /** The provider as people write it. */
  title: string;
  /** How long the job may take, for instance `6 h`. */
  limit: string;
}

/** How a lifecycle is started. */
export function lifecycleStart(job: {
  provider: LifecycleProvider;
  input: { source: string | string[]; credential?: string | undefined; deadline?: string | number | undefined };
  key: string;
  deadlineMs: number;
  words: StartWords;
}): StartRequest {
  const { provider, input, key, deadlineMs, words } = job;
  const { title, limit } = words;
  const media = describeSources(input.source);
  const isDefault = input.deadline === undefined;
  return {
    workflowType: lifecycleWorkflowTypes[provider],
    workflowId: lifecycleWorkflowId(provider, key),
    input,
    reusesId: false,
    executionTimeoutMs: executionTimeoutMs(deadlineMs, isDefault),
    searchAttributes: [{ key: providerNameAttribute, value: provider }],
    credential: input.credential,
    summary: `${title}: ${media}`,
    details: `${media} through ${title}, from the file to the results; at most ${limit}${isDefault ? ' once the media is there' : ''}.`,
  };
}

/** How a track is started. */
export function trackStart(input: TrackJobInput & { deadlineMs: number }, { title, limit }: StartWords): StartRequest {
  const { provider, resource, id, credential, deadlineMs } = input;
  return {
    workflowType: trackWorkflowType,
    workflowId: trackWorkflowId(provider, resource, id, credential),
    input,
    reusesId: true,
    joinsIf: input.collect === true ? ['collect', 'translationLocales'] : [],
    executionTimeoutMs: executionTimeoutMs(deadlineMs, false),
    searchAttributes: trackAttributes(provider, id),
    credential,
    summary: `${title}: follow ${resource} ${id}`.slice(0, 200),
    details: `Follows a ${title} ${resource} that exists already; at most ${limit}.`,
  };
}

function trackAttributes(provider: ProviderName, id: string): SearchAttributePair[] {
  return [
    { key: providerNameAttribute, value: provider },
    { key: providerJobIdAttribute, value: id },
  ];
}

/** How a pipeline is started. */
export function pipelineStart(job: { input: MediaPipelineInput; key: string; deadlineMs: number }): StartRequest {
  const { input, key, deadlineMs } = job;
  const media = describeSources(input.source);
  const steps = input.steps.map(stepName).join(', ');
  return {
    workflowType: pipelineWorkflowType,
    workflowId: pipelineWorkflowId(key),
    input,
    reusesId: false,
    // Each step's own comes first, so that its job is seen to its end.
    executionTimeoutMs:
      deadlineMs +
      input.steps.reduce((sum, { options }) => sum + executionTimeoutMs(0, (options?.deadline ?? null) === null), 0) +
      executionTimeoutMs(0, false),
    memo: { [stepsMemo]: stepsOf(pipelineWorkflowId(key), input) },
    searchAttributes: [],
    credential: undefined,
    summary: `${media} through ${steps}`.slice(0, 200),
    details: `${media} through ${steps} (${input.strategy ?? 'all'}).`.slice(0, 1000),
  };
}
