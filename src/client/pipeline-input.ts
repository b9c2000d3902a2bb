import { z } from 'zod';
import { parseDurationMs } from '../polling/duration.ts';
import { type MediaPipelineInput, pipelineStrategies, stepName } from '../contract/pipeline.ts';
import { mediaOptions, notify, sourceUri } from '../providers/job-options.ts';
import type { LifecycleProvider } from '../providers/lifecycle-inputs.ts';
import type { Lifecycle, Provider } from '../providers/provider.ts';
import { providerNames, type ProviderName, providers } from '../providers/registry.ts';

function isDrivable(name: ProviderName): name is LifecycleProvider {
  const provider: Provider = providers[name];
  return provider.lifecycle !== undefined;
}

// Options are the provider's own, so they are checked by its schema, with a source that is always good.
const anySource = 'https://media.example/';

const pipelineStep = z
  .strictObject({
    provider: z.enum(providerNames.filter(isDrivable)),
    name: z
      .string()
      .regex(/^[\w-]{1,60}$/, 'expected up to 60 letters, digits, - and _')
      .optional(),
    options: z.record(z.string(), z.unknown()).optional(),
    acceptPartial: z.boolean().optional(),
  })
  .superRefine(({ provider, options = {} }, context) => {
    for (const field of ['source', 'notify']) {
      if (!Object.hasOwn(options, field)) continue;
      context.addIssue({ code: 'custom', path: ['options', field], message: 'belongs to the pipeline as a whole' });
    }
    const checked = providers[provider].lifecycle.input.safeParse({ ...options, source: anySource, notify: undefined });
    for (const issue of checked.error?.issues ?? []) {
      if (issue.code === 'unrecognized_keys') {
        for (const key of issue.keys) {
          const path = ['options', ...issue.path, key];
          context.addIssue({ code: 'custom', path, message: `${providers[provider].title} has no such option` });
        }
      } else context.addIssue({ code: 'custom', path: ['options', ...issue.path], message: issue.message });
    }
  });

/** Steps of a pipeline: at least one, each with a name of its own and with options that its provider knows. */
export const pipelineSteps = z
  .array(pipelineStep)
  .min(1, 'expected at least one step')
  .superRefine((steps, context) => {
    const names = steps.map(stepName);
    names.forEach((name, index) => {
      if (names.indexOf(name) === index) return;
      const message = `two steps are named ${name}; give them names of their own`;
      context.addIssue({ code: 'custom', path: [index, 'name'], message });
    });
  });

/** Validates the input of the `mediaPipeline` workflow, down to each provider's own options. */
export const mediaPipelineInput = z.strictObject({
  source: sourceUri,
  ...mediaOptions,
  steps: pipelineSteps,
  strategy: z.enum(pipelineStrategies).optional(),
  notify: notify.optional(),
});

/** How long a pipeline may take by the deadlines of its steps, in milliseconds. */
export function pipelineDeadlineMs({ steps, strategy, durationSeconds }: MediaPipelineInput): number {
  const deadlinesMs = steps.map(({ provider, options }) => {
    const given = options?.deadline === undefined ? null : parseDurationMs(options.deadline);
    const lifecycle: Lifecycle = providers[provider].lifecycle;
    return given ?? lifecycle.defaultDeadlineMs(options?.durationSeconds ?? durationSeconds ?? null);
  });
  return strategy === 'first-success' ? deadlinesMs.reduce((sum, next) => sum + next, 0) : Math.max(...deadlinesMs);
}
