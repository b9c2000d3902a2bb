import { type Cleaning, type Leftover, type Look } from '../cleaning.ts';
import { isAbsent } from '../connection/provider-error.ts';
import type { ProviderConnection } from '../connection/provider-connection.ts';
import { markerIn } from './marked-name.ts';
import { listSoketFiles, readSoketFileResult, removeSoketFiles, type SoketFileEntry } from './soket-calls.ts';
import { readFilesOfUpload } from './uploaded-files.ts';

/** Every file of the account, once each: what is uploaded meanwhile moves older ones to a later page. */
async function listAllFiles(connection: ProviderConnection, signal: AbortSignal): Promise<SoketFileEntry[]> {
  const found = new Map<string, SoketFileEntry>();
  for (let page = 1, last = 1; page <= last; page += 1) {
    const { files, total_pages: pages } = await listSoketFiles(connection, page, signal);
    if (files.length === 0) break;
    for (const file of files) found.set(file.file_id, file);
    last = pages;
  }
  return [...found.values()];
}

const sizeOf = (files: readonly SoketFileEntry[]) => files.reduce((sum, { size_bytes: size = 0 }) => sum + size, 0);

/** The uploads all of whose files bear one marker; others hold files that are not ours. */
async function list(connection: ProviderConnection, signal: AbortSignal): Promise<Leftover[]> {
  const uploads = new Map<string, SoketFileEntry[]>();
  for (const file of await listAllFiles(connection, signal)) {
    const { batch_upload_id: id } = file;
    if (id !== undefined) uploads.set(id, [...(uploads.get(id) ?? []), file]);
  }
  return [...uploads].flatMap(([id, files]) => {
    const markers = new Set(files.map(({ filename }) => markerIn(filename)));
    const [marker = null] = markers;
    if (markers.size > 1 || marker === null) return [];
    // Soket has no times of uploads.
    return [{ id, resource: 'upload', marker, sizeBytes: sizeOf(files), createdAt: null }];
  });
}

async function hasResult(connection: ProviderConnection, fileId: string, signal: AbortSignal): Promise<boolean> {
  try {
    await readSoketFileResult(connection, fileId, signal);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

/** An upload as it is now, if all its files bear one of the markers. */
async function lookAtUpload(
  connection: ProviderConnection,
  uploadId: string,
  markers: readonly string[],
  signal: AbortSignal,
): Promise<SoketFileEntry[] | 'gone' | 'foreign'> {
  try {
    const files = await readFilesOfUpload(connection, uploadId, signal);
    if (files.length === 0) return 'gone';
    return files.every(({ filename }) => markers.includes(markerIn(filename) ?? '')) ? files : 'foreign';
  } catch (error) {
    if (isAbsent(error)) return 'gone';
    throw error;
  }
}

function removable(connection: ProviderConnection, files: readonly SoketFileEntry[], signal: AbortSignal): Look {
  return {
    sizeBytes: sizeOf(files),
    createdAt: null,
    async remove() {
      const fileIds = files.map(({ file_id: id }) => id);
      await removeSoketFiles(connection, fileIds, signal);
      return 'removed';
    },
  };
}

/** Soket: batches are not listed, so that an upload has one is told by the results of its files. */
export const soketCleaning = {
  leftovers: {
    list,
    async look(connection, { id, marker }, signal) {
      const files = await lookAtUpload(connection, id, [marker], signal);
      if (typeof files === 'string') return files;
      for (const { file_id: fileId } of files) if (await hasResult(connection, fileId, signal)) return 'used';
      return removable(connection, files, signal);
    },
  },
  async stored(connection, { ids, markers }, signal) {
    const { batch_upload_id: uploadId } = ids;
    if (uploadId === undefined) return 'foreign';
    const files = await lookAtUpload(connection, uploadId, markers, signal);
    return typeof files === 'string' ? files : removable(connection, files, signal);
  },
} as const satisfies Cleaning;
