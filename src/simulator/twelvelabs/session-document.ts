import { timestamp } from '../clock.ts';
import { scripted } from '../script.ts';
import type { World } from '../world.ts';
import { pageOf } from './page.ts';
import { chunkCounts, expectedChunkSizeBytes } from './session.ts';
import type { Chunk, Session } from './session.ts';
import { sessionLifetimeMs } from './sessions.ts';
import type { TwelvelabsSessions } from './sessions.ts';

/** A session as its status document tells it: neither asset id, nor chunk size, nor expiry are in it. */
export function sessionDocument(
  world: World,
  sessions: TwelvelabsSessions,
  session: Session,
  page: { page: number; page_limit: number },
): Record<string, unknown> {
  const plan = world.plans.of('twelvelabs', session.id);
  const step = world.plans.step({ script: plan.script, resourceId: session.id, since: session.createdAt, poll: true });
  const counts = chunkCounts(session);
  const indexes =
    plan.listAllChunks === true
      ? Array.from({ length: session.totalChunks }, (_, offset) => offset + 1)
      : [...session.chunks.keys()].sort((a, b) => a - b);
  const listed = pageOf(indexes, page);
  const completed = [...session.chunks].filter(([, { status }]) => status === 'completed');
  const changedAt = Math.max(session.createdAt, ...[...session.chunks.values()].map(({ updatedAt }) => updatedAt));
  const body = {
    upload_id: session.id,
    status: sessions.status(session),
    uploaded_chunks: listed.items.map((index) => chunkDocument(session, index, session.chunks.get(index))),
    chunks_completed: counts.completed,
    chunks_failed: counts.failed,
    chunks_pending: counts.pending,
    page_info: listed.page_info,
    total_size: session.totalSizeBytes,
    uploaded_size: completed.reduce((sum, [index]) => sum + expectedChunkSizeBytes(session, index), 0),
    created_at: timestamp(session.createdAt),
    updated_at: timestamp(changedAt),
  };
  return scripted(body, step);
}

/** A session as the list of incomplete ones shows it: neither filename nor asset id are in it. */
export function sessionSummary(world: World, sessions: TwelvelabsSessions, session: Session): Record<string, unknown> {
  return {
    upload_id: session.id,
    status: sessions.status(session),
    total_size: session.totalSizeBytes,
    chunk_size: session.chunkSizeBytes,
    total_chunks: session.totalChunks,
    created_at: timestamp(session.createdAt),
    expires_at: timestamp(world.clock.after(session.createdAt, sessionLifetimeMs)),
  };
}

function chunkDocument(session: Session, index: number, chunk: Chunk | undefined): Record<string, unknown> {
  const updated_at = timestamp(chunk?.updatedAt ?? session.createdAt);
  const uploaded_at = chunk?.uploadedAt === undefined ? null : timestamp(chunk.uploadedAt);
  const error = chunk?.error === undefined ? {} : { error: chunk.error };
  return { index, status: chunk?.status ?? 'pending', uploaded_at, updated_at, ...error };
}
