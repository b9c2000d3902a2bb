import { open } from 'node:fs/promises';

/** Makes a file of this size that takes no room on the disk: reading it costs no disk either. */
export async function makeSparseFile(path: string, sizeBytes: number): Promise<void> {
  const file = await open(path, 'w');
  // The head of an MP4, by which it is known for a video.
  await file.write(Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom\0\0\0\0isommp42')]), 0, 24, 0);
  await file.truncate(sizeBytes);
  await file.close();
}
