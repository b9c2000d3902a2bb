import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import type { Phase } from '../../snapshot.ts';
import { multipartUpload } from '../../providers/twelvelabs/multipart-upload.ts';
import { listTwelveLabsChunks } from '../../providers/twelvelabs/twelvelabs-session-calls.ts';
import type { FailedChunk } from '../../upload/chunk-upload.ts';

/** What TwelveLabs says that it has of an upload. */
export interface SessionChunks {
  phase: Phase | null;
  /** The status of each chunk that it names; whether it names untouched ones is not published. */
  chunks: Map<number, string>;
  failed: FailedChunk[];
  statusCalls: number;
}

/** Asks for every page of a session's chunks. */
export async function readSessionChunks(
  connection: ProviderConnection,
  uploadId: string,
  signal: AbortSignal,
): Promise<SessionChunks> {
  const { pages, rows } = await listTwelveLabsChunks(connection, uploadId, signal);
  const failed = rows
    .filter(({ status }) => status === 'failed')
    .map(({ index, error }) => ({ index, reason: connection.redact(error ?? 'TwelveLabs gives no reason') }));
  return {
    phase: multipartUpload.read(pages[0]).phase,
    chunks: new Map(rows.map(({ index, status }) => [index, status])),
    failed,
    statusCalls: pages.length,
  };
}
