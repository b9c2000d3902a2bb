import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Artifact } from '../../src/contract/job.ts';

/** Bytes, or the `file:` address of a file. */
export type Content = Uint8Array | string;

/** How results of the simulator name these bytes. */
export function mediaIn(bytes: Uint8Array): string {
  return `sha256 ${createHash('sha256').update(bytes).digest('hex')} bytes ${String(bytes.length)}`;
}

/** The media that a result names, each once. */
export function mediaNamedIn(text: string): string[] {
  return [...new Set(text.match(/sha256 [0-9a-f]{64} bytes \d+/g))];
}

/** Artifacts that are not what they should be. */
export interface Strays {
  /** Name media of another job. */
  foreign: string[];
  /** Name none at all, or are gone. */
  nameless: string[];
}

/** The words for what lies in these sources now. */
export async function mediaOf(...sources: Content[]): Promise<string[]> {
  const read = async (source: Content) => (typeof source === 'string' ? await readFile(fileURLToPath(source)) : source);
  return Promise.all(sources.map(async (source) => mediaIn(await read(source))));
}

/** Reads artifacts as they are stored, and tells which are not of these media. */
export async function findStrays(artifacts: readonly Artifact[], own: readonly string[]): Promise<Strays> {
  const strays: Strays = { foreign: [], nameless: [] };
  for (const { name, uri } of artifacts) {
    const named = mediaNamedIn(await readFile(fileURLToPath(uri), 'utf8').catch(() => ''));
    if (named.length === 0) strays.nameless.push(name);
    if (!named.every((media) => own.includes(media))) strays.foreign.push(name);
  }
  return strays;
}

/** Expects that there are artifacts, and that each names the media of these sources and no other. */
export async function expectOwnResults(artifacts: readonly Artifact[], ...sources: Content[]): Promise<void> {
  expect(artifacts).not.toHaveLength(0);
  expect(await findStrays(artifacts, await mediaOf(...sources))).toEqual({ foreign: [], nameless: [] });
}
