import { TypedSearchAttributes } from '@temporalio/common';
import type { Connection } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { searchAttributeKeys } from '../contract/search-attributes.ts';

// `INDEXED_VALUE_TYPE_KEYWORD` of the API; all of ours are keywords.
const keywordIndexType = 2;

/** The server lacks search attributes and does not let us add them; the message holds the commands that do. */
export class SearchAttributesMissingError extends Error {
  override readonly name = 'SearchAttributesMissingError';
}

type Connected = Pick<NativeConnection | Connection, 'operatorService'>;

/**
 * Which of our search attributes a namespace does not have.
 * @throws SearchAttributesMissingError where it has one of them with another type, which nobody but its owner can mend.
 */
export async function findMissingSearchAttributes(connection: Connected, namespace: string): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const names = searchAttributeKeys.map(({ name }) => name);
  const wrong = names.filter((name) => (customAttributes[name] ?? keywordIndexType) !== keywordIndexType);
  if (wrong.length > 0) {
    const words = `has ${wrong.join(', ')} with another type than Keyword, and every job would hang by it`;
    throw new SearchAttributesMissingError(
      `The namespace ${namespace} ${words}; use another namespace, or remove them.`,
    );
  }
  return names.filter((name) => !Object.hasOwn(customAttributes, name));
}

/** The commands that give a namespace these attributes, at a server of one's own and at Temporal Cloud. */
export function addingCommands(namespace: string, names: readonly string[]): string {
  const wanted = searchAttributeKeys.filter(({ name }) => names.includes(name));
  const each = wanted.map(({ name, type }) => [name, TypedSearchAttributes.toMetadataType(type)] as const);
  const own = each.map(
    ([name, type]) => `  temporal operator search-attribute create -n ${namespace} --name ${name} --type ${type}`,
  );
  const cloud = each.map(([name, type]) => ` --search-attribute ${name}=${type}`).join('');
  return `${own.join('\n')}\nor, at Temporal Cloud:\n  tcld namespace search-attributes add -n ${namespace}${cloud}`;
}

const assume = 'Where they are there, PROVIDER_JOBS_SEARCH_ATTRIBUTES=assume starts without a look.';
// PERMISSION_DENIED and UNIMPLEMENTED: asking again gives the same.
const refusals: ReadonlySet<unknown> = new Set([7, 12]);

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

/** Like `findMissingSearchAttributes`; where that may not be asked, says what to do. */
async function lookForThem(connection: NativeConnection, namespace: string): Promise<string[]> {
  return findMissingSearchAttributes(connection, namespace).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && refusals.has(error.code))) throw error;
    const all = addingCommands(
      namespace,
      searchAttributeKeys.map(({ name }) => name),
    );
    throw new SearchAttributesMissingError(
      `This worker may not ask which search attributes the namespace ${namespace} has. An operator gives it ours by:\n${all}\n${assume}`,
      { cause: error },
    );
  });
}

/**
 * Adds the search attributes that are missing: a workflow with an unknown one would stay Running for ever.
 * @throws SearchAttributesMissingError where the server does not allow it.
 */
export async function registerSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const missing = await lookForThem(connection, namespace);
  if (missing.length === 0) return;
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, keywordIndexType])),
    });
  } catch (error) {
    const still = await lookForThem(connection, namespace);
    if (still.length === 0) return;
    throw new SearchAttributesMissingError(
      `The namespace ${namespace} lacks search attributes and this worker could not add them (${reasonOf(error)}). Ask an operator to run:\n${addingCommands(namespace, still)}`,
      { cause: error },
    );
  }
}
