import { getClient } from '@temporalio/activity';
import { z } from 'zod';
import { sweepOptions } from '../../client/cleaning-input.ts';
import type { CleanInput, CleaningTally } from '../../contract/cleaning.ts';
import type { Cleaning, Leftover } from '../../providers/cleaning.ts';
import type { ProviderName } from '../../providers/registry.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { atProvider } from '../at-provider.ts';
import type { Attempt } from '../patience/attempt.ts';
import { refuse } from '../patience/failure.ts';
import { findFollowed, findOwners, lookAtOwner, type Owner } from './owners.ts';
import { addTallies, CleaningBook, settle } from './tally.ts';

const options = z.object({ olderThan: sweepOptions.olderThan, delete: sweepOptions.delete });

/** What may not be touched, whatever the provider says of it. */
type Reason = 'open' | 'young' | 'foreign';

/**
 * Makes the activity that removes what lost jobs left behind in one account. A thing goes only where its marker is that
 * of a job which this namespace knows, whose last run has closed long enough ago, and which nobody follows by its id.
 */
export function createSweepProvider(dependencies: ActivityDependencies, provider: ProviderName, cleaning?: Cleaning) {
  const activity = atProvider(dependencies, provider);
  return activity('before', async (connection, input: CleanInput, attempt: Attempt<CleaningTally>) => {
    const { leftovers } = cleaning ?? {};
    if (leftovers === undefined) refuse(`providers: at ${provider} is nothing that can be swept`);
    const { olderThan: olderThanMs, delete: deletes } = options.parse(input);
    const { signal } = attempt;
    const client = getClient();
    // What was removed is found no more by another attempt; all else is met anew.
    const of = { provider, kind: 'sweep', onCleaned: dependencies.onCleaned } as const;
    const removed = new CleaningBook(of, attempt.memory ?? undefined);
    const met = new CleaningBook(of);

    const found = await leftovers.list(connection, signal);
    const ids = found.map(({ id }) => id);
    const owners = await findOwners(client, provider, new Set(found.map(({ marker }) => marker)), signal);
    const followed = await findFollowed(client, ids, signal);
    const known = new Map<string, Owner | null>();

    const reasonOf = (owner: Owner | null): Reason | null => {
      if (owner === null) return 'foreign';
      if (owner.closedAtMs === null) return 'open';
      return Date.now() - owner.closedAtMs < olderThanMs / dependencies.timeScale ? 'young' : null;
    };
    const ownerOf = async ({ marker }: Leftover): Promise<Owner | null> => {
      const workflowId = owners.get(marker);
      if (workflowId === undefined) return null;
      const owner = known.get(workflowId) ?? (await lookAtOwner(client, workflowId));
      known.set(workflowId, owner);
      return owner;
    };

    for (const leftover of found) {
      signal.throwIfAborted();
      const owner = await ownerOf(leftover);
      const reason = reasonOf(owner) ?? (followed.has(leftover.id) ? 'open' : null);
      if (owner === null || reason !== null) {
        met.count(reason ?? 'foreign');
        continue;
      }
      const look = await leftovers.look(connection, leftover, signal);
      // The job may have been resumed, or started once more under its key, since it was looked at.
      const now = typeof look === 'string' ? owner : await lookAtOwner(client, owner.workflowId);
      const newReason = reasonOf(now);
      if (newReason !== null) {
        met.count(newReason);
        continue;
      }
      const { id, resource } = leftover;
      const place = { id, resource, workflowId: owner.workflowId, jobEndedAtMs: owner.closedAtMs ?? Date.now() };
      const thing = await settle(look, place, deletes);
      if (thing.fate === 'removed') {
        removed.note(thing);
        attempt.remember(removed.tally);
      } else met.note(thing);
      attempt.progressed();
    }
    return addTallies(removed.tally, met.tally);
  });
}
