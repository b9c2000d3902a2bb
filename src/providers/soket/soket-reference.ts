import { unmarkName } from './marked-name.ts';
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
  /** The marker in the files' names; absent in uploads by 0.1, which had none. */
  marker?: string | undefined;
}

/** Turns Soket's list of files into references by the files' own names. */
export function toSoketReferences(
  files: readonly SoketFileEntry[] | undefined,
  marker: string | undefined,
): SoketFileReference[] {
  return (files ?? []).map(({ file_id: id, filename }) => ({ id, name: unmarkName(filename ?? id, marker) }));
}
