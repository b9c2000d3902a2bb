import { z } from 'zod';
import { parseDurationMs } from '../polling/duration.ts';
import { type MediaPipelineInput, mostSteps, pipelineStrategies } from '../contract/pipeline.ts';
import { mediaOptions, notify, sourceUri } from '../providers/job-options.ts';
import type { LifecycleProvider } from '../providers/lifecycle-inputs.ts';
import type { Lifecycle, Provider } from '../providers/provider.ts';
import { providerNames, type ProviderName, providers } from '../providers/registry.ts';

function isDrivable(name: ProviderName): name is LifecycleProvider {
  const provider: Provider = providers[name];
  return provider.lifecycle !== undefined;
}

const ofThePipeline = z.never('belongs to the pipeline as a whole').optional();

/** A step at one provider: its options are the provider's own, save for what the pipeline gives to all. */
function stepOf(name: LifecycleProvider) {
  const { shape } = providers[name].lifecycle.input;
  const options = z.strictObject({ ...shape, source: ofThePipeline, notify: ofThePipeline });
  return z.strictObject({
    provider: z.literal(name),
    name: z
      .string()
      .regex(/^[\w-]{1,60}$/, 'expected up to 60 letters, digits, - and _')
      .default(name),
    options: options.prefault({}),
    acceptPartial: z.boolean().default(false),
  });
}

const drivable = providerNames.filter(isDrivable);
type Step = ReturnType<typeof stepOf>;

const pipelineStep = z.discriminatedUnion('provider', drivable.map(stepOf) as [Step, ...Step[]], {
  error: `expected one of ${drivable.join(', ')}`,
});

/** Steps of a pipeline: at least one, each with a name of its own and with options that its provider knows. */
export const pipelineSteps = z
  .array(pipelineStep)
  .min(1, 'expected at least one step')
  .max(mostSteps, `expected up to ${String(mostSteps)} steps`)
  .superRefine((steps, context) => {
    const names = steps.map(({ name }) => name);
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
  strategy: z.enum(pipelineStrategies).default('all'),
  notify: notify.default([]),
});

/** How long a pipeline may take by the deadlines of its steps, in milliseconds. */
export function pipelineDeadlineMs({ steps, strategy, durationSeconds }: MediaPipelineInput): number {
  const deadlinesMs = steps.map(({ provider, options }) => {
    // A raw start may write what it has not as null.
    const deadline = options?.deadline ?? null;
    const given = deadline === null ? null : parseDurationMs(deadline);
    const lifecycle: Lifecycle = providers[provider].lifecycle;
    return given ?? lifecycle.defaultDeadlineMs(options?.durationSeconds ?? durationSeconds ?? null);
  });
  return strategy === 'first-success' ? deadlinesMs.reduce((sum, next) => sum + next, 0) : Math.max(...deadlinesMs);
}
