import { activityInfo } from '@temporalio/activity';
import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { isTerminal } from '../../snapshot.ts';
import { assetTypeOf } from '../../providers/twelvelabs/asset-type.ts';
import { multipartUpload } from '../../providers/twelvelabs/multipart-upload.ts';
import { listTwelveLabsAssets } from '../../providers/twelvelabs/twelvelabs-asset-calls.ts';
import {
  createTwelveLabsSession,
  type CreateTwelveLabsSessionBody,
  type IncompleteSession,
  listIncompleteTwelveLabsSessions,
} from '../../providers/twelvelabs/twelvelabs-session-calls.ts';
import { type AssetType, maxAssetBytes } from '../../providers/twelvelabs/twelvelabs-upload-input.ts';
import { keepHeaders, type KeptHeaders } from '../../providers/twelvelabs/upload-headers.ts';
import { readStatus } from '../../providers/read-status.ts';
import type { SourceDescription } from '../../upload/media-source.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { heartbeating } from '../heartbeating.ts';
import { createFailure } from '../patience/to-application-failure.ts';

/** A file, and the asset that is to become of it. */
export interface CreateTwelveLabsUploadInput {
  source: SourceDescription;
  options: {
    filename?: string | undefined;
    type?: AssetType | undefined;
    enable_hls?: boolean | undefined;
    enable_thumbnail?: boolean | undefined;
    user_metadata?: Record<string, string | number | boolean> | undefined;
  };
  credential?: string | undefined;
}

/** An upload session; its presigned URLs are secrets and are not in it. */
export interface TwelveLabsUpload extends KeptHeaders {
  uploadId: string;
  /** `null` for a session that was found again and whose asset could not be told; the first report names it. */
  assetId: string | null;
  chunkSizeBytes: number;
}

/** What an attempt leaves to the next one before it creates: the ids of like sessions, and when it was about to. */
interface Intent {
  known: string[];
  /** By the provider's clock, epoch milliseconds. */
  atMs: number;
}

// An answer is lost within one attempt of a minute; the rest is for clocks that are shown in whole seconds.
const intentLifeMs = 75_000;
const clockSlackMs = 2000;
const createTimeoutMs = 45_000;
const defaultPartHeaders = { 'content-type': 'application/octet-stream' };

function buildBody({ source, options }: CreateTwelveLabsUploadInput): CreateTwelveLabsSessionBody {
  const { fileName, mediaType, sizeBytes } = source;
  const refuse = (message: string) => createFailure({ type: 'InvalidInput', message, nonRetryable: true });
  const type = options.type ?? assetTypeOf(mediaType);
  if (type === null) throw refuse(`type: ${fileName} is ${mediaType}; say whether it is video, audio or image`);
  const most = maxAssetBytes[type];
  if (sizeBytes > most) {
    throw refuse(
      `source: ${fileName} has ${String(sizeBytes)} bytes; TwelveLabs takes at most ${String(most)} of ${type}`,
    );
  }
  return {
    ...options,
    filename: options.filename ?? fileName.slice(0, 255).toWellFormed(),
    type,
    total_size: sizeBytes,
  };
}

function isOurs(session: IncompleteSession, intent: Intent): boolean {
  const sinceMs = Date.parse(session.created_at ?? '') - intent.atMs;
  const { phase } = readStatus(multipartUpload.statuses, session.status);
  return (
    !intent.known.includes(session.upload_id) && !isTerminal(phase) && sinceMs > -clockSlackMs && sinceMs < intentLifeMs
  );
}

/** The asset that was reserved together with a session that was found again; no call links the two. */
async function findAssetId(
  connection: ProviderConnection,
  session: IncompleteSession,
  filename: string,
  signal: AbortSignal,
) {
  const assets = await listTwelveLabsAssets(connection, filename, signal);
  const createdMs = Date.parse(session.created_at ?? '');
  const close = assets.filter(({ created_at }) => Math.abs(Date.parse(created_at ?? '') - createdMs) <= clockSlackMs);
  return close.length === 1 ? (close[0]?._id ?? null) : null;
}

/** Makes the step that creates an upload session, once whatever becomes of the answers. */
export function createCreateTwelveLabsUpload({ connect }: Pick<ActivityDependencies, 'connect'>) {
  async function create(connection: ProviderConnection, body: CreateTwelveLabsSessionBody): Promise<TwelveLabsUpload> {
    // Not cut short by a cancellation: the answer holds the ids.
    const made = await createTwelveLabsSession(connection, body, AbortSignal.timeout(createTimeoutMs));
    const kept = keepHeaders({ ...defaultPartHeaders, ...made.upload_headers }, (text) => connection.seal(text));
    return { uploadId: made.upload_id, assetId: made.asset_id ?? null, chunkSizeBytes: made.chunk_size, ...kept };
  }

  /** Creates the session; an attempt after a lost answer first looks whether it is there. */
  return async function createTwelveLabsUpload(input: CreateTwelveLabsUploadInput): Promise<TwelveLabsUpload> {
    const body = buildBody(input);
    const before = activityInfo().heartbeatDetails as Intent | null | undefined;
    return heartbeating<Intent | null, TwelveLabsUpload>(before ?? null, async (pulse, signal) => {
      const connection = await connect('twelvelabs', input.credential);
      const { sessions, providerNowMs } = await listIncompleteTwelveLabsSessions(connection, signal);
      const alike = sessions.filter(({ total_size }) => total_size === body.total_size);
      const candidates = before ? alike.filter((session) => isOurs(session, before)) : [];
      const [found] = candidates;
      if (found !== undefined && candidates.length === 1) {
        const assetId = await findAssetId(connection, found, body.filename, signal);
        const { upload_id: uploadId, chunk_size: chunkSizeBytes } = found;
        return { uploadId, assetId, chunkSizeBytes, partHeaders: defaultPartHeaders };
      }
      await pulse.remember({ known: alike.map(({ upload_id }) => upload_id), atMs: providerNowMs });
      return await create(connection, body);
    });
  };
}
