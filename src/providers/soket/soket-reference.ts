import type { SoketFileEntry } from './soket-calls.ts';

/** A file as Soket knows it. */
export interface SoketFileReference {
  id: string;
  name: string;
}

/** An upload; `files` may hold fewer than it has, since Soket's lists are not always complete. */
export interface SoketUploadReference {
  batchUploadId: string;
  files: SoketFileReference[];
}

/** Turns Soket's list of files into references. */
export function toSoketReferences(files: readonly SoketFileEntry[] | undefined): SoketFileReference[] {
  return (files ?? []).map(({ file_id: id, filename }) => ({ id, name: filename ?? id }));
}
