import type { Provider, Resource } from '../../providers/provider.ts';
import { providers, type ProviderName } from '../../providers/registry.ts';
import { refuse } from '../patience/failure.ts';

/**
 * Finds a provider's resource by its short name and checks that an id may go into its path.
 * @throws ApplicationFailure (`InvalidInput`)
 */
export function findResource(name: ProviderName, resourceName: string, id: string): Resource {
  const provider: Provider = providers[name];
  const known: Provider['resources'] = { ...provider.resources, ...provider.stepResources };
  const resource = Object.hasOwn(known, resourceName) ? known[resourceName] : undefined;
  if (resource === undefined) refuse(`resource: ${name} has no ${resourceName}`);
  const checked = resource.id.safeParse(id);
  if (!checked.success) refuse(`id: ${checked.error.issues[0]?.message ?? 'not valid'}`);
  return resource;
}
