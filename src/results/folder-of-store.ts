import type { ResultStore } from './result-store.ts';

/** A store whose folders are all below one folder of another. */
export function folderOfStore(store: ResultStore, outer: string): ResultStore {
  return {
    write: (folder, ...rest) => store.write(`${outer}/${folder}`, ...rest),
    exists: (folder, name) => store.exists(`${outer}/${folder}`, name),
    check: () => store.check(),
  };
}
