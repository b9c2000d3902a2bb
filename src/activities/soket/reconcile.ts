import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { toFormFileName } from '../../providers/soket/media-form.ts';
import { listSoketFiles, type SoketFileEntry } from '../../providers/soket/soket-calls.ts';
import { type SoketUploadReference, toSoketReferences } from '../../providers/soket/soket-reference.ts';
import type { SourceDescription } from '../../upload/media-source.ts';

// As many uploads as may be deleted meanwhile without our losing our place in the list; they travel in heartbeats.
const mostKnown = 30;
const mostPages = 5;

/** The newest uploads of the account, by id, before one of ours is made. */
export async function readKnownUploads(connection: ProviderConnection, signal: AbortSignal): Promise<string[]> {
  const { files } = await listSoketFiles(connection, 1, signal);
  const ids = files.map(({ batch_upload_id: id }) => id).filter((id) => typeof id === 'string');
  return [...new Set(ids)].slice(0, mostKnown);
}

/** The files that came after the known uploads; none where our place in the list is lost. */
async function listNewFiles(connection: ProviderConnection, known: ReadonlySet<string>, signal: AbortSignal) {
  const found: SoketFileEntry[] = [];
  for (let page = 1; page <= mostPages; page += 1) {
    const { files, total_pages: pages } = await listSoketFiles(connection, page, signal);
    const end = files.findIndex(({ batch_upload_id: id }) => typeof id === 'string' && known.has(id));
    found.push(...(end === -1 ? files : files.slice(0, end)));
    if (end !== -1) return found;
    if (files.length === 0 || page >= pages) return known.size === 0 ? found : [];
  }
  return [];
}

// Servers differ in how they read names beyond ASCII in a form, so only what all read alike is compared.
function fingerprint(name: string, sizeBytes: number | null | undefined): string {
  return `${String(sizeBytes)} ${name.replaceAll(/[^\x20-\x7e]/g, '')}`;
}

/**
 * Looks among the uploads that are new since `known` for one that holds exactly these files by name and size: what an
 * attempt made whose answer was lost. `null` where there is none.
 */
export async function findSoketUpload(
  connection: ProviderConnection,
  sources: readonly SourceDescription[],
  known: readonly string[],
  signal: AbortSignal,
): Promise<SoketUploadReference | null> {
  const files = await listNewFiles(connection, new Set(known), signal);
  const wanted = sources.map(({ fileName, sizeBytes }) => fingerprint(toFormFileName(fileName), sizeBytes));
  const place = ({ filename, size_bytes: sizeBytes }: SoketFileEntry) =>
    wanted.indexOf(fingerprint(filename ?? '', sizeBytes));
  const expected = wanted.map((one) => wanted.indexOf(one)).sort((a, b) => a - b);
  for (const batchUploadId of new Set(files.map((file) => file.batch_upload_id))) {
    const entries = files.filter((file) => file.batch_upload_id === batchUploadId).sort((a, b) => place(a) - place(b));
    const same =
      entries.length === expected.length && entries.every((entry, index) => place(entry) === expected[index]);
    if (batchUploadId && same) return { batchUploadId, files: toSoketReferences(entries) };
  }
  return null;
}
