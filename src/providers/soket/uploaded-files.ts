import type { ProviderConnection } from '../connection/provider-connection.ts';
import { listSoketFiles, readSoketUpload, type SoketFileEntry } from './soket-calls.ts';
import { type SoketFileReference, type SoketUploadReference, toSoketReferences } from './soket-reference.ts';

/** The files of an upload that has ended. */
export interface UploadedFiles {
  usable: SoketFileReference[];
  failed: SoketFileReference[];
}

const mostPages = 5;

async function listUploadFiles(
  connection: ProviderConnection,
  batchUploadId: string,
  totalFiles: number,
  signal: AbortSignal,
) {
  const found: SoketFileEntry[] = [];
  for (let page = 1; page <= mostPages; page += 1) {
    const { files, total_pages: pages } = await listSoketFiles(connection, page, signal);
    const isNew = ({ file_id: id }: SoketFileEntry) => !found.some((file) => file.file_id === id);
    found.push(...files.filter((file) => file.batch_upload_id === batchUploadId && isNew(file)));
    if (found.length >= totalFiles || files.length === 0 || page >= pages) break;
  }
  return found;
}

/** All files of an upload as Soket has them; its own list is sometimes short of its total, then the account's has the rest. */
export async function readFilesOfUpload(
  connection: ProviderConnection,
  batchUploadId: string,
  signal: AbortSignal,
): Promise<SoketFileEntry[]> {
  const { files = [], total_files: total = files.length } = await readSoketUpload(connection, batchUploadId, signal);
  return files.length >= total ? files : listUploadFiles(connection, batchUploadId, total, signal);
}

/**
 * Says which files of an upload can be transcribed. Asks Soket only where the answer to the upload does not tell; the
 * upload's own list is sometimes short of its total, then the account's list has the rest.
 */
export async function readUploadedFiles(
  connection: ProviderConnection,
  input: { upload: SoketUploadReference; totalFiles: number; someFailed: boolean },
  signal: AbortSignal,
): Promise<UploadedFiles> {
  const { upload, totalFiles, someFailed } = input;
  if (!someFailed && upload.files.length >= totalFiles) return { usable: upload.files, failed: [] };
  const { files } = await readSoketUpload(connection, upload.batchUploadId, signal);
  const complete =
    (files ?? []).length >= totalFiles && (files ?? []).every((file) => typeof file.upload_status === 'string');
  const known = complete ? (files ?? []) : await listUploadFiles(connection, upload.batchUploadId, totalFiles, signal);
  const { marker } = upload;
  const isFailed = (file: SoketFileEntry) => file.upload_status === 'failed';
  return {
    usable: toSoketReferences(
      known.filter((file) => !isFailed(file)),
      marker,
    ),
    failed: toSoketReferences(known.filter(isFailed), marker),
  };
}
