import { Readable } from 'node:stream';

/** A file in the result store. */
export interface StoredArtifact {
  name: string;
  mediaType: string;
  sizeBytes: number;
  /** SHA-256 of the content in hexadecimal. */
  sha256: string;
  uri: string;
}

/** What may be stored: text (as UTF-8), bytes, or a stream of bytes. */
export type ArtifactContent = string | Uint8Array | Readable | AsyncIterable<Uint8Array>;

/** Content as a stream. */
export function toReadable(content: ArtifactContent): Readable {
  if (content instanceof Readable) return content;
  return Readable.from(typeof content === 'string' || content instanceof Uint8Array ? [content] : content);
}

/** Where the results of jobs are kept: all that a worker needs of it. */
export interface ResultStore {
  /**
   * Stores `content` as `name` in `folder` (segments with `/` between them, such as a namespace and a workflow id), wholly or not at
   * all; what was there under that name is replaced. Throws a `ResultStoreError`, the content's own error, or the
   * reason of an aborted `signal`.
   */
  write(
    folder: string,
    name: string,
    mediaType: string,
    content: ArtifactContent,
    signal?: AbortSignal,
  ): Promise<StoredArtifact>;
  /** Whether there is something under `name` in `folder`; throws a `ResultStoreError` where that cannot be told. */
  exists(folder: string, name: string): Promise<boolean>;
  /** Writes and removes a probe; throws a `ResultStoreError` where the store cannot be written to. */
  check(): Promise<void>;
}

/** What is in a folder of a result store. */
export interface StoredFile {
  name: string;
  sizeBytes: number;
  uri: string;
}

/** A result store that also gives back what it holds, for clients. */
export interface ReadableResultStore extends ResultStore {
  /** Opens what `write` gave this URI; throws a `ResultStoreError` where it is not there or cannot be read. */
  read(uri: string): Promise<Readable>;
  /** What is in a folder, by name; empty for one that was never written to. */
  list(folder: string): Promise<StoredFile[]>;
}

/** A folder that was met on a walk. */
export interface WalkedFolder {
  /** As the store spells it. Walks meet folders in the order of `<name>/`. */
  name: string;
  list: () => Promise<StoredFile[]>;
}

/** A result store that is gone through, to find what is done in it. */
export interface WalkableResultStore extends ReadableResultStore {
  /** The folders right below one, in their order; none below one that was never written to. */
  walk(folder: string): AsyncIterable<WalkedFolder>;
}

/** Whether a store can be read and gone through, as those of ours can. */
export function isWalkable(store: ResultStore): store is WalkableResultStore {
  return ['walk', 'list', 'read'].every((name) => typeof Reflect.get(store, name) === 'function');
}
