import { z } from 'zod';
import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import type { StoredObject } from '../storage.ts';
import type { World } from '../world.ts';
import { refused } from './dialect.ts';
import { chunkCounts, expectedChunkSizeBytes } from './session.ts';
import type { Session } from './session.ts';
import type { TwelvelabsSessions } from './sessions.ts';

const reportBody = z.object({
  completed_chunks: z
    .array(
      z.object({
        chunk_index: z.int().min(1),
        proof: z.string().min(1),
        proof_type: z.literal('etag'),
        chunk_size: z.int().min(1),
      }),
    )
    .min(1),
});

type ReportedChunk = z.infer<typeof reportBody>['completed_chunks'][number];

/** Takes a report of uploaded parts: repeats are counted and ignored, wrong proofs mark the part as failed. */
export async function report(world: World, sessions: TwelvelabsSessions, call: Call): Promise<Answer> {
  const session = sessions.get(call.parameter('uploadId'));
  const { completed_chunks } = await call.body(reportBody);
  const status = sessions.status(session);
  if (status === 'failed' || status === 'expired') throw refused(400, `The upload session is ${status}`);
  if (completed_chunks.some(({ chunk_index }) => chunk_index > session.totalChunks)) {
    throw refused(400, 'chunk_index is past the last chunk');
  }
  let processed = 0;
  let duplicates = 0;
  for (const chunk of completed_chunks) {
    if (session.chunks.get(chunk.chunk_index)?.status === 'completed') {
      duplicates += 1;
      continue;
    }
    processed += 1;
    take(world, session, chunk);
  }
  const { completed } = chunkCounts(session);
  if (completed === session.totalChunks) await assemble(world, session);
  endAsPlanned(world, session, completed);
  return {
    status: 200,
    body: {
      asset_id: session.assetId,
      processed_chunks: processed,
      duplicate_chunks: duplicates,
      total_completed: completed,
      ...(completed === session.totalChunks ? { url: `${call.origin}/assets/${session.assetId}` } : {}),
    },
  };
}

/** Puts the parts together, once: what is reported or sent later changes nothing. */
async function assemble(world: World, session: Session): Promise<void> {
  if (session.media) return;
  const sha256 = await session.spool.sha256();
  session.media ??= { sha256, sizeBytes: session.totalSizeBytes };
  session.reportedAt ??= world.clock.now();
  await session.spool.close();
}

function take(world: World, session: Session, chunk: ReportedChunk): void {
  const index = chunk.chunk_index;
  const stored = world.storage.object('twelvelabs', `multipart/${session.id}/${String(index)}`);
  const error = faultOf(session, chunk, stored) ?? plannedFailure(world, session, index);
  const updatedAt = world.clock.now();
  if (error === undefined) session.chunks.set(index, { status: 'completed', updatedAt, uploadedAt: updatedAt });
  else session.chunks.set(index, { status: 'failed', updatedAt, error, rejected: stored });
}

function faultOf(session: Session, chunk: ReportedChunk, stored: StoredObject | undefined): string | undefined {
  if (!stored) return 'The chunk was not uploaded';
  if (session.chunks.get(chunk.chunk_index)?.rejected === stored) return 'The chunk must be uploaded again';
  if (stored.etag !== chunk.proof.replaceAll('"', '')) return 'The ETag does not match the uploaded chunk';
  if (chunk.chunk_size !== expectedChunkSizeBytes(session, chunk.chunk_index)) return 'The chunk has the wrong size';
  return undefined;
}

function plannedFailure(world: World, session: Session, index: number): string | undefined {
  const planned = world.plans.of('twelvelabs', session.id).failedChunks?.find((chunk) => chunk.index === index);
  const struck = session.failuresStruck.get(index) ?? 0;
  if (!planned || struck >= (planned.times ?? 1)) return undefined;
  session.failuresStruck.set(index, struck + 1);
  return planned.error ?? 'Upload timeout';
}

function endAsPlanned(world: World, session: Session, completed: number): void {
  const planned = world.plans.of('twelvelabs', session.id).sessionEnd;
  if (planned && completed >= planned.afterParts) {
    session.ended ??= { status: planned.status, at: world.clock.now() };
  }
}
