import { z } from 'zod';
import type { ProviderConnection } from '../connection/provider-connection.ts';
import { multipartUpload, multipartUploadPath } from './multipart-upload.ts';
import type { AssetType } from './twelvelabs-upload-input.ts';
import { readEveryPage } from './twelvelabs-pages.ts';

/** What the create call takes; the vendor's names. */
export interface CreateTwelveLabsSessionBody {
  filename: string;
  type: AssetType;
  total_size: number;
  enable_hls?: boolean | undefined;
  enable_thumbnail?: boolean | undefined;
  user_metadata?: Record<string, string | number | boolean> | undefined;
}

// The first URLs come along too, but they are secrets of one hour: each worker asks for its own.
const createdSchema = z.object({
  upload_id: z.string().min(1),
  asset_id: z.string().min(1).nullish(),
  chunk_size: z.int().positive(),
  upload_headers: z.record(z.string(), z.string()).nullish(),
});

/** Creates an upload session and reserves its asset. Not idempotent: a lost answer leaves an empty session, which expires. */
export async function createTwelveLabsSession(
  connection: ProviderConnection,
  body: CreateTwelveLabsSessionBody,
  signal: AbortSignal,
) {
  const call = { method: 'POST', path: '/assets/multipart-uploads', json: body, signal } as const;
  const { data } = await connection.call({ operation: 'create a TwelveLabs upload session', ...call }, createdSchema);
  return data;
}

const chunkPageSchema = z
  .looseObject({
    uploaded_chunks: z
      .array(z.object({ index: z.int().positive(), status: z.string(), error: z.string().nullish() }))
      .nullish(),
  })
  .transform((page) => {
    // A page that is no session's status is an answer like any other that cannot be read: asked for again.
    multipartUpload.read(page);
    return page;
  });

/** Every page of a session's status: the page bodies, and the chunk rows of all of them. */
export async function listTwelveLabsChunks(connection: ProviderConnection, uploadId: string, signal: AbortSignal) {
  const call = { operation: 'list the chunks of a TwelveLabs upload', path: multipartUploadPath(uploadId), signal };
  const pages = await readEveryPage(connection, call, chunkPageSchema);
  return { pages, rows: pages.flatMap(({ uploaded_chunks }) => uploaded_chunks ?? []) };
}

const urlsSchema = z.object({
  upload_urls: z.array(z.object({ chunk_index: z.int().positive(), url: z.url(), expires_at: z.string().nullish() })),
});

/** The most presigned URLs that one call gives. */
export const mostUrls = 50;

/** Fresh presigned URLs for up to `mostUrls` chunks from `start` on. Safe to repeat. */
export async function requestTwelveLabsUrls(
  connection: ProviderConnection,
  input: { uploadId: string; start: number; count: number; signal: AbortSignal },
) {
  const { uploadId, start, count, signal } = input;
  const path = `${multipartUploadPath(uploadId)}/presigned-urls`;
  const call = { method: 'POST', path, json: { start, count }, signal } as const;
  return connection.call({ operation: 'ask for TwelveLabs upload addresses', ...call }, urlsSchema);
}

/** A chunk that storage has taken. */
export interface ReportedChunk {
  index: number;
  /** Without quotes. */
  etag: string;
  sizeBytes: number;
}

const reportSchema = z.object({ asset_id: z.string().min(1).nullish() });

/** Reports uploaded chunks; repeats are counted and ignored, so it is safe to repeat. */
export async function reportTwelveLabsChunks(
  connection: ProviderConnection,
  input: { uploadId: string; chunks: readonly ReportedChunk[]; signal: AbortSignal },
) {
  const completed_chunks = input.chunks.map(({ index, etag, sizeBytes }) => ({
    chunk_index: index,
    proof: etag,
    proof_type: 'etag',
    chunk_size: sizeBytes,
  }));
  const { uploadId, signal } = input;
  const call = { method: 'POST', path: multipartUploadPath(uploadId), json: { completed_chunks }, signal } as const;
  const { data } = await connection.call({ operation: 'report TwelveLabs chunks', ...call }, reportSchema);
  return data;
}
