import { z } from 'zod';
import type { ProviderConnection } from '../connection/provider-connection.ts';
import { headers, id, optional, rows, text, time, wholeNumber, words } from '../lenient.ts';
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
  upload_id: id,
  asset_id: optional(id),
  chunk_size: wholeNumber,
  upload_headers: optional(headers),
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

const chunkSchema = z.object({ index: wholeNumber, status: text, error: words });

const chunkPageSchema = z.looseObject({ uploaded_chunks: optional(rows(chunkSchema)) }).transform((body) => {
  // A page that is no session's status is an answer like any other that cannot be read: asked for again.
  multipartUpload.read(body);
  return { body, rows: body.uploaded_chunks ?? [] };
});

/** Every page of a session's status: the page bodies, and the chunk rows of all of them. */
export async function listTwelveLabsChunks(connection: ProviderConnection, uploadId: string, signal: AbortSignal) {
  const call = { operation: 'list the chunks of a TwelveLabs upload', path: multipartUploadPath(uploadId), signal };
  const pages = await readEveryPage(connection, call, chunkPageSchema);
  return { pages: pages.map(({ body }) => body), rows: pages.flatMap((page) => page.rows) };
}

const urlsSchema = z.object({
  upload_urls: rows(z.object({ chunk_index: wholeNumber, url: z.url(), expires_at: optional(time) })),
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

// No field of it is needed; but a page of something in front of TwelveLabs, or an error, is no answer to a report.
const reportSchema = z
  .looseObject({ asset_id: optional(id) })
  .refine((body) => !('code' in body), { error: 'it is an error' })
  .nullable();

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
  return { assetId: data?.asset_id ?? null };
}
