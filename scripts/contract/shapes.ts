import { z } from 'zod';
import { phases, type TerminalPhase } from '../../src/snapshot.ts';
import { cleaningFates } from '../../src/contract/cleaning.ts';
import { type FailureType, failureTypes } from '../../src/contract/failures.ts';
import { pipelineStrategies } from '../../src/contract/pipeline.ts';
import { jobOptions } from '../../src/providers/job-options.ts';
import type { LifecycleProvider } from '../../src/providers/lifecycle-inputs.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { type ProviderName, providerNames, providers } from '../../src/providers/registry.ts';

// What workflows say has types alone, since nothing of ours checks it when it arrives. A test holds that these are the same.

const text = z.string();
const time = z.iso.datetime();
const count = z.int().min(0);
const phase = z.enum(phases);
const terminalPhase = phase.extract([
  'succeeded',
  'partially-succeeded',
  'failed',
  'expired',
  'deleted',
] satisfies TerminalPhase[]);

const artifact = z.object({ name: text, mediaType: text, sizeBytes: count, sha256: text, uri: text });
const fileOutcome = z.object({ id: text, name: text, phase: terminalPhase, message: text.nullable() });
const mediaFacts = z.object({ name: text, sizeBytes: count, mediaType: text, durationSeconds: z.number().nullable() });
const failure = z.object({ type: text, message: text });

const providerTime = text.exactOptional();

export const jobSnapshot = z.object({
  resource: text,
  id: text,
  status: text,
  phase: phase.nullable(),
  recognised: z.boolean(),
  progress: z.object({ done: z.number(), total: z.number(), unit: text }).nullable(),
  message: text.nullable(),
  timestamps: z.object({
    createdAt: providerTime,
    uploadedAt: providerTime,
    startedAt: providerTime,
    finishedAt: providerTime,
    updatedAt: providerTime,
    expiredAt: providerTime,
    deletedAt: providerTime,
  }),
  observedAt: time,
});

export const jobResult = z.object({
  workflowId: text,
  runId: text.nullable(),
  provider: z.enum(providerNames as [ProviderName, ...ProviderName[]]),
  resource: text.nullable(),
  jobId: text.nullable(),
  ids: z.record(text, text),
  phase: phase.nullable(),
  status: text.nullable(),
  recognised: z.boolean().nullable(),
  message: text.nullable(),
  files: z.array(fileOutcome).exactOptional(),
  artifacts: z.array(artifact),
  missing: z.array(z.object({ name: text, why: text })),
  outcome: text.nullable(),
  failure: failure.nullable(),
  cleanup: z.enum(['cancelled', 'not-supported', 'already-finished', 'failed']).nullable(),
  statusCalls: count,
  media: z.array(mediaFacts),
  startedAt: time.nullable(),
  endedAt: time.nullable(),
});

export const jobOutcome = jobResult.extend({
  runId: text,
  resource: text,
  jobId: text,
  phase: terminalPhase,
  status: text,
  recognised: z.boolean(),
  failure: z.null(),
  cleanup: z.null(),
});

export const jobNotice = jobResult.extend({ runId: text, at: time });

export const jobFailureDetails = jobResult.extend({ snapshot: jobSnapshot.nullable() });

export const jobState = z.object({
  stage: text,
  jobId: text.nullable(),
  phase: phase.nullable(),
  statusCalls: count,
  snapshot: jobSnapshot.nullable(),
});

const drivable = providerNames.filter((name): name is LifecycleProvider => {
  const provider: Provider = providers[name];
  return provider.lifecycle !== undefined;
});
const lifecycleProvider = z.enum(drivable as [LifecycleProvider, ...LifecycleProvider[]]);
const strategy = z.enum(pipelineStrategies);

export const pipelineOutcome = z.object({
  strategy,
  succeeded: z.boolean(),
  jobs: z.array(jobResult.extend({ step: text, provider: lifecycleProvider })),
});

export const pipelineNotice = pipelineOutcome.extend({
  workflowId: text,
  runId: text,
  failure: failure.nullable(),
  at: time,
});

export const pipelineSteps = z.object({
  strategy,
  steps: z.array(z.object({ step: text, provider: lifecycleProvider, workflowId: text })),
});

const startedFile = z.object({ path: text, workflowId: text });

export const ingestResult = z.object({
  started: z.array(startedFile),
  known: count,
  failed: z.array(startedFile.extend({ why: text })),
  skipped: z.array(z.object({ path: text, why: text })),
  unlisted: count,
  left: count,
  counts: z.object({ started: count, done: count, failed: count, skipped: count }),
});

export const cleaningResult = z.object({
  deletes: z.boolean(),
  parts: z.array(
    z.object({
      provider: z.enum(providerNames as [ProviderName, ...ProviderName[]]),
      credential: text.nullable(),
      failure: z
        .object({ type: z.enum(Object.keys(failureTypes) as [FailureType, ...FailureType[]]), message: text })
        .nullable(),
      counts: z.record(z.enum(cleaningFates), count),
      bytes: count,
      oldestSeconds: count,
      things: z.array(
        z.object({
          resource: text,
          id: text,
          workflowId: text,
          fate: z.enum(cleaningFates),
          sizeBytes: count.nullable(),
          ageSeconds: count,
        }),
      ),
      unlisted: count,
    }),
  ),
});

const resourcesOf = (name: ProviderName) => Object.keys(providers[name].resources) as [string, ...string[]];

/** Of a track its workflow checks by itself what its code relies on; this says the same. */
export const trackJobInput = z.union(
  providerNames.map((name) =>
    z.strictObject({
      provider: z.literal(name),
      resource: z.enum(resourcesOf(name)),
      id: text.min(1),
      credential: jobOptions.credential,
      deadlineMs: z
        .number()
        .positive()
        .default(24 * 3_600_000),
      observe: z.enum(['phases', 'terminal']).default('phases'),
      collect: z.boolean().default(false),
      translationLocales: z.array(text).optional(),
      notify: jobOptions.notify,
    }),
  ),
);
