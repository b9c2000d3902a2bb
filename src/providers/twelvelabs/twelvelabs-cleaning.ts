import { z } from 'zod';
import { isTerminal } from '../../snapshot.ts';
import { type Cleaning, hasMarkerForm, type Leftover, type Look } from '../cleaning.ts';
import { isAbsent } from '../connection/provider-error.ts';
import type { ProviderConnection } from '../connection/provider-connection.ts';
import { id, number, optional, rows, text, time } from '../lenient.ts';
import { asset } from './asset.ts';
import { deleteTwelveLabsAsset, readTwelveLabsAsset } from './twelvelabs-asset-calls.ts';
import { readEveryPage } from './twelvelabs-pages.ts';

const markedSchema = z.object({
  status: text,
  created_at: optional(time),
  size: optional(number),
  user_metadata: optional(z.object({ provider_jobs: z.string() })),
});
const pageSchema = z.object({ data: rows(markedSchema.extend({ _id: id })) }).transform(({ data }) => ({ rows: data }));

type Marked = z.infer<typeof markedSchema>;

/** Whether an asset was reserved and nothing has become of it yet; what a status means that nobody knows, nobody knows. */
function isUnfinished(body: Marked): boolean {
  const { phase } = asset.read(body);
  return phase !== null && !isTerminal(phase);
}

const factsOf = ({ size, created_at: createdAt }: Marked) => ({
  // Of an asset whose file has not come the size is not known.
  sizeBytes: size ?? null,
  createdAt: createdAt ?? null,
});

async function list(connection: ProviderConnection, signal: AbortSignal): Promise<Leftover[]> {
  const call = { operation: 'list the TwelveLabs assets', path: '/assets', signal };
  const all = (await readEveryPage(connection, call, pageSchema)).flatMap((page) => page.rows);
  const found = all.flatMap((body) => {
    const marker = body.user_metadata?.provider_jobs;
    if (!hasMarkerForm(marker) || !isUnfinished(body)) return [];
    return [[body._id, { id: body._id, resource: 'asset', marker, ...factsOf(body) }] as const];
  });
  return [...new Map(found).values()];
}

async function look(
  connection: ProviderConnection,
  wanted: { id: string; markers: readonly string[]; isWanted: (body: Marked) => boolean },
  signal: AbortSignal,
): Promise<Look> {
  try {
    const body = markedSchema.parse(await readTwelveLabsAsset(connection, wanted.id, signal));
    if (!wanted.markers.includes(body.user_metadata?.provider_jobs ?? '')) return 'foreign';
    if (!wanted.isWanted(body)) return 'used';
    return {
      ...factsOf(body),
      async remove() {
        const end = await deleteTwelveLabsAsset(connection, wanted.id, signal);
        return end === 'deleted' ? 'removed' : end;
      },
    };
  } catch (error) {
    if (isAbsent(error)) return 'gone';
    throw error;
  }
}

/** TwelveLabs: sessions show neither name nor metadata and cannot be ended; they expire within a day, and their assets stay. */
export const twelvelabsCleaning = {
  leftovers: {
    list,
    look: (connection, { id: assetId, marker }, signal) =>
      look(connection, { id: assetId, markers: [marker], isWanted: isUnfinished }, signal),
  },
  stored: (connection, { jobId, markers }, signal) =>
    look(connection, { id: jobId, markers, isWanted: (body) => !isUnfinished(body) }, signal),
} as const satisfies Cleaning;
