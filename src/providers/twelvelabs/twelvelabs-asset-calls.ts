import { z } from 'zod';
import { isAbsent, isProviderError } from '../connection/provider-error.ts';
import type { ProviderConnection } from '../connection/provider-connection.ts';
import { isJson, text } from '../lenient.ts';
import { assetPath } from './asset.ts';

/** The whole asset, as TwelveLabs gives it. */
export async function readTwelveLabsAsset(connection: ProviderConnection, assetId: string, signal: AbortSignal) {
  const call = { method: 'GET', path: assetPath(assetId), signal } as const;
  const schema = z.looseObject({ status: text });
  return (await connection.call({ operation: 'read the TwelveLabs asset', ...call }, schema)).data;
}

/** Deletes an asset; one that is gone already counts as deleted. `in-use`: an index refers to it. */
export async function deleteTwelveLabsAsset(
  connection: ProviderConnection,
  assetId: string,
  signal: AbortSignal,
): Promise<'deleted' | 'in-use'> {
  const call = { method: 'DELETE', path: assetPath(assetId), signal } as const;
  try {
    await connection.call({ operation: 'delete the TwelveLabs asset', ...call }, isJson);
  } catch (error) {
    if (isProviderError(error, 'conflict')) return 'in-use';
    if (!isAbsent(error)) throw error;
  }
  return 'deleted';
}
