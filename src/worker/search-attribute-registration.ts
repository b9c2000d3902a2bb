import { TypedSearchAttributes } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import { searchAttributeKeys } from '../contract/search-attributes.ts';

// `INDEXED_VALUE_TYPE_KEYWORD` of the API; all of ours are keywords.
const keywordIndexType = 2;

/** The server lacks search attributes and does not let us add them; the message holds the commands that do. */
export class SearchAttributesMissingError extends Error {
  override readonly name = 'SearchAttributesMissingError';
}

/** Which of our search attributes a namespace does not have. */
export async function findMissingSearchAttributes(connection: NativeConnection, namespace: string): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return searchAttributeKeys.map(({ name }) => name).filter((name) => !Object.hasOwn(customAttributes, name));
}

/**
 * Adds the search attributes that are missing: a workflow with an unknown one would stay Running for ever.
 * @throws SearchAttributesMissingError where the server does not allow it.
 */
export async function registerSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const missing = await findMissingSearchAttributes(connection, namespace);
  if (missing.length === 0) return;
  const wanted = searchAttributeKeys.filter(({ name }) => missing.includes(name));
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(wanted.map(({ name }) => [name, keywordIndexType])),
    });
  } catch (error) {
    if ((await findMissingSearchAttributes(connection, namespace)).length === 0) return;
    const commands = wanted.map(
      ({ name, type }) =>
        `  temporal operator search-attribute create --namespace ${namespace} --name ${name} --type ${TypedSearchAttributes.toMetadataType(type)}`,
    );
    throw new SearchAttributesMissingError(
      `The namespace ${namespace} lacks search attributes and this worker may not add them. Ask an operator to run:\n${commands.join('\n')}`,
      { cause: error },
    );
  }
}
