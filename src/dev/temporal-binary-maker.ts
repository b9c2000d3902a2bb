/** What a way of making the binary gets; the file appears at `destination` whole or not at all. */
export interface MakeTemporalBinaryInput {
  version: string;
  destination: string;
  env: NodeJS.ProcessEnv;
  /** Path of the Go tool on PATH, null where there is none. */
  goPath: string | null;
  onProgress: (line: string) => void;
}

/** A way of making the binary when none is found; it throws with the reason when it cannot. */
export interface TemporalBinaryMaker {
  how: string;
  make: (input: MakeTemporalBinaryInput) => Promise<void>;
}
