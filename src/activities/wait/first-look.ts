import type { LookPlanner } from '../../polling/look-planner.ts';
import type { ProcessingTime } from '../../polling/poll-plan.ts';
import type { ProviderName } from '../../providers/registry.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import type { OfCredential } from '../at-provider.ts';
import { resourceOf } from './observe-resource.ts';

type ResourceName = readonly [provider: ProviderName, resource: string];

interface Estimated {
  processingTime?: ProcessingTime | null | undefined;
}

/** When the job that an activity has begun is to be looked at first, where calls are limited. */
export interface FirstLook {
  /**
   * From then on, in milliseconds. Until then the workflow sleeps, which takes no turn of the queue and five events; where
   * nothing is limited the first attempt of the wait books the look, which takes none.
   */
  firstLookInMs: number;
}

/** Plans the first look at a job that begins now; nothing where calls are not limited. */
export function planFirstLook(
  looks: LookPlanner,
  [provider, resource]: ResourceName,
  { credential, processingTime = null }: OfCredential & Estimated,
): Partial<FirstLook> {
  const limits = resourceOf(provider, resource)?.polling;
  if (limits === undefined || !looks.isLimited({ provider, credential })) return {};
  const job = { provider, resource, id: '', credential, processingTime, limits };
  return { firstLookInMs: Math.ceil(looks.firstLookInMs(job)) };
}

/** Makes an activity that begins a job say when to look at it first, by the estimate in its result or its input. */
export function withFirstLook<I extends OfCredential & Estimated, R extends object & Estimated>(
  { looks }: ActivityDependencies,
  resource: ResourceName,
  activity: (input: I) => Promise<R>,
): (input: I) => Promise<R & Partial<FirstLook>> {
  return async (input) => {
    const result = await activity(input);
    const { credential } = input;
    const processingTime = result.processingTime ?? input.processingTime ?? null;
    return { ...result, ...planFirstLook(looks, resource, { credential, processingTime }) };
  };
}
