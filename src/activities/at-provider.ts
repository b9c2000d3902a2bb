import type { ProviderConnection } from '../providers/connection/provider-connection.ts';
import type { ProviderName } from '../providers/registry.ts';
import type { ActivityDependencies } from './activity-dependencies.ts';
import type { Attempt } from './patience/attempt.ts';
import { patiently } from './patience/patiently.ts';
import type { Stage } from './patience/rules.ts';

/** An input that says with whose key the provider is called. */
export interface OfCredential {
  /** The key's alias; `default` where none is given. */
  credential?: string | undefined;
}

/** Makes activities at one provider: each is given it as its input's credential sees it. */
export function atProvider({ connect, ...pace }: ActivityDependencies, provider: ProviderName) {
  return <I extends OfCredential, R, M = never>(
    stage: Stage,
    activity: (connection: ProviderConnection, input: I, attempt: Attempt<M>) => Promise<R>,
  ) =>
    patiently(pace, stage, async (input: I, attempt: Attempt<M>) =>
      activity(await connect(provider, input.credential), input, attempt),
    );
}
