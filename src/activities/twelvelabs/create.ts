import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { ProviderError } from '../../providers/connection/provider-error.ts';
import { assetTypeOf } from '../../providers/twelvelabs/asset-type.ts';
import {
  createTwelveLabsSession,
  type CreateTwelveLabsSessionBody,
} from '../../providers/twelvelabs/twelvelabs-session-calls.ts';
import { maxAssetBytes } from '../../providers/twelvelabs/twelvelabs-upload-input.ts';
import { keepHeaders, type KeptHeaders } from '../../providers/twelvelabs/upload-headers.ts';
import { countChunks } from '../../upload/chunk-range.ts';
import type { SourceDescription } from '../../upload/media-source.ts';
import type { OfCredential } from '../at-provider.ts';
import { refuse } from '../patience/failure.ts';

/** A file, and the asset that is to become of it. */
export interface CreateTwelveLabsUploadInput extends OfCredential {
  source: SourceDescription;
  options: {
    [K in Exclude<keyof CreateTwelveLabsSessionBody, 'total_size'>]?: CreateTwelveLabsSessionBody[K] | undefined;
  };
  /** The marker of the job; absent in those of 0.1. */
  marker?: string | undefined;
}

/** An upload session; its presigned URLs are secrets and are not in it. */
export interface TwelveLabsUpload extends KeptHeaders {
  uploadId: string;
  /** `null` where the answer does not name it; the first report does. */
  assetId: string | null;
  chunkSizeBytes: number;
}

const createTimeoutMs = 45_000;
// Ten times what storage takes of one object: each is held in memory, and asked for by itself.
const mostChunks = 100_000;
const defaultPartHeaders = { 'content-type': 'application/octet-stream' };

function buildBody({ source, options, marker }: CreateTwelveLabsUploadInput): CreateTwelveLabsSessionBody {
  const { fileName, mediaType, sizeBytes } = source;
  const type = options.type ?? assetTypeOf(mediaType);
  if (type === null) refuse(`type: ${fileName} is ${mediaType}; say whether it is video, audio or image`);
  const most = maxAssetBytes[type];
  if (sizeBytes > most) {
    refuse(`source: ${fileName} has ${String(sizeBytes)} bytes; TwelveLabs takes at most ${String(most)} of ${type}`);
  }
  return {
    ...options,
    filename: options.filename ?? fileName.slice(0, 255).toWellFormed(),
    type,
    total_size: sizeBytes,
    // Tells the asset of a session that was lost from what others made; the file's name stays what users gave it.
    ...(marker === undefined ? {} : { user_metadata: { ...options.user_metadata, provider_jobs: marker } }),
  };
}

/** Creates an upload session. Of one whose answer is lost nothing is left but an empty session. */
export async function createUpload(
  connection: ProviderConnection,
  input: CreateTwelveLabsUploadInput,
): Promise<TwelveLabsUpload> {
  // Not cut short by a cancellation: the answer holds the ids.
  const made = await createTwelveLabsSession(connection, buildBody(input), AbortSignal.timeout(createTimeoutMs));
  const { chunk_size: chunkSizeBytes } = made;
  const chunks = countChunks(chunkSizeBytes, input.source.sizeBytes);
  if (chunks > mostChunks) {
    const words = `chunk_size: ${String(chunkSizeBytes)} makes ${String(chunks)} chunks of the file; at most ${String(mostChunks)} are sent`;
    throw new ProviderError({ kind: 'too-large', operation: 'create a TwelveLabs upload session', words });
  }
  const kept = keepHeaders({ ...defaultPartHeaders, ...made.upload_headers }, (text) => connection.seal(text));
  return { uploadId: made.upload_id, assetId: made.asset_id ?? null, chunkSizeBytes, ...kept };
}
