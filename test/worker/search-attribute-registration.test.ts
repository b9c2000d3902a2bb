import { readConfig } from '../../src/config/config.ts';
import { searchAttributeKeys } from '../../src/contract/search-attributes.ts';
import { NativeConnection } from '@temporalio/worker';
import { describe, expect, inject, it } from 'vitest';
import { prepareWorkers } from '../../src/worker/prepare-workers.ts';
import {
  findMissingSearchAttributes,
  registerSearchAttributes,
  SearchAttributesMissingError,
} from '../../src/worker/search-attribute-registration.ts';
import { eventually } from '../setup/eventually.ts';

/** An operator service that holds some attributes and takes, refuses, or has meanwhile got the others. */
function fakeConnection(
  known: string[],
  onAdd: (names: string[], attributes: Record<string, number>) => void,
  listing?: Error,
) {
  const attributes: Record<string, number> = Object.fromEntries(known.map((name) => [name, 2]));
  const added: Record<string, number>[] = [];
  const operatorService = {
    listSearchAttributes: () =>
      listing === undefined ? Promise.resolve({ customAttributes: attributes }) : Promise.reject(listing),
    addSearchAttributes: ({ searchAttributes }: { searchAttributes: Record<string, number> }) => {
      added.push(searchAttributes);
      onAdd(Object.keys(searchAttributes), attributes);
      return Promise.resolve({});
    },
  };
  return { connection: { operatorService } as unknown as NativeConnection, added };
}

const refuse = () => {
  throw new Error('PERMISSION_DENIED: Request unauthorized.');
};

describe('the search attributes', () => {
  it('are added where they are missing, as keywords, and only those', async () => {
    const { connection, added } = fakeConnection(['ProviderName'], () => undefined);
    await registerSearchAttributes(connection, 'media');
    expect(added).toEqual([{ ProviderJobId: 2, ProviderJobPhase: 2, ProviderJobFailure: 2 }]);
  });

  it('are left alone where all are there', async () => {
    const { connection, added } = fakeConnection(
      [...searchAttributeKeys].map(({ name }) => name),
      refuse,
    );
    await registerSearchAttributes(connection, 'media');
    expect(added).toEqual([]);
  });

  it('that may not be added are named with the commands that add them', async () => {
    const { connection } = fakeConnection(['ProviderJobId'], refuse);
    const error: unknown = await registerSearchAttributes(connection, 'media').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SearchAttributesMissingError);
    const { message } = error as Error;
    for (const name of ['ProviderName', 'ProviderJobPhase']) {
      expect(message).toContain(`temporal operator search-attribute create -n media --name ${name} --type Keyword`);
    }
    expect(message).toContain('tcld namespace search-attributes add -n media --search-attribute ProviderName=Keyword');
    expect(message).not.toContain('ProviderJobId');
  });

  it.each([
    [7, 'PERMISSION_DENIED'],
    [12, 'UNIMPLEMENTED'],
  ])('that may not be asked for (%s %s) are assumed where somebody says so', async (code, words) => {
    const { connection } = fakeConnection([], refuse, Object.assign(new Error(words), { code }));
    const registering = registerSearchAttributes(connection, 'media');
    await expect(registering).rejects.toBeInstanceOf(SearchAttributesMissingError);
    await expect(registering).rejects.toThrow(/ProviderJobFailure=Keyword\n.*PROVIDER_JOBS_SEARCH_ATTRIBUTES=assume/);
  });

  it('are not asked for while the server is away: that passes', async () => {
    const away = Object.assign(new Error('UNAVAILABLE'), { code: 14 });
    const { connection } = fakeConnection([], refuse, away);
    await expect(registerSearchAttributes(connection, 'media')).rejects.toBe(away);
  });

  it('of another type are refused, by whose name they are', async () => {
    const { connection } = fakeConnection(['ProviderName'], (_, attributes) => (attributes['ProviderJobId'] = 3));
    await registerSearchAttributes(connection, 'media').catch(() => undefined);
    const again = registerSearchAttributes(connection, 'media');
    await expect(again).rejects.toBeInstanceOf(SearchAttributesMissingError);
    await expect(again).rejects.toThrow('has ProviderJobId with another type than Keyword');
  });

  it('that another worker added at the same moment are no fault', async () => {
    const { connection } = fakeConnection([], (names, attributes) => {
      for (const name of names) attributes[name] = 2;
      throw new Error('ALREADY_EXISTS');
    });
    await expect(registerSearchAttributes(connection, 'media')).resolves.toBeUndefined();
  });

  it('are left alone at a real server where they are assumed, and registered where not', async () => {
    const connection = await NativeConnection.connect({ address: inject('temporalAddress') });
    const namespace = `attributes-${String(Date.now())}`;
    try {
      const retention = { seconds: 86_400 } as unknown as { seconds: Long };
      await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: retention });
      await eventually('the namespace is known', () =>
        findMissingSearchAttributes(connection, namespace).then(
          (missing) => missing.length === searchAttributeKeys.length,
          () => false,
        ),
      );
      const assuming = { PROVIDER_JOBS_SEARCH_ATTRIBUTES: 'assume', PROVIDER_JOBS_ROLES: 'tiro', TIRO_API_KEY: 'a.b' };
      await (await prepareWorkers({ config: readConfig(assuming), connection, namespace })).close();
      expect(await findMissingSearchAttributes(connection, namespace)).toHaveLength(searchAttributeKeys.length);
      await registerSearchAttributes(connection, namespace);
      expect(await findMissingSearchAttributes(connection, namespace)).toEqual([]);
      await registerSearchAttributes(connection, namespace);
    } finally {
      await connection.close();
    }
  });
});
