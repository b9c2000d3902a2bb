import { z } from 'zod';
import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import { timestamp } from '../clock.ts';
import type { Endpoint } from '../endpoint.ts';
import { providerPrefixes } from '../operations.ts';
import type { World } from '../world.ts';
import { refused } from './dialect.ts';
import { pageOf, pageQuery } from './page.ts';
import { report } from './report.ts';
import { sessionDocument, sessionSummary } from './session-document.ts';
import { sessionLifetimeMs } from './sessions.ts';
import type { TwelvelabsSessions } from './sessions.ts';

const firstUrls = 10;
const gibibyte = 1024 ** 3;
/** Since 2026-07-23: 10 GB, and 32 MB for images. */
const maxSizeBytes = { video: 10 * gibibyte, audio: 10 * gibibyte, image: 32 * 1024 ** 2 };
const createBody = z.object({
  filename: z.string().min(1).max(255),
  type: z.enum(['video', 'audio', 'image']),
  total_size: z.int().min(1),
  enable_hls: z.boolean().optional(),
  enable_thumbnail: z.boolean().optional(),
  user_metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});
const urlsBody = z.object({ start: z.int().min(1), count: z.int().min(1).max(50) });

/** TwelveLabs' multipart upload sessions. */
export function sessionEndpoints(world: World, sessions: TwelvelabsSessions): Endpoint[] {
  const root = `${providerPrefixes.twelvelabs}/assets/multipart-uploads`;
  const ofSession = { jobParameter: 'uploadId', path: `${root}/:uploadId` };
  return [
    {
      method: 'POST',
      path: root,
      operation: 'twelvelabs.create-session',
      handle: (call) => create(world, sessions, call),
    },
    {
      method: 'GET',
      path: root,
      operation: 'twelvelabs.list-sessions',
      handle: (call) => list(world, sessions, call),
    },
    {
      ...ofSession,
      method: 'GET',
      operation: 'twelvelabs.session-status',
      handle: (call) => {
        const session = sessions.get(call.parameter('uploadId'));
        return { status: 200, body: sessionDocument(world, sessions, session, call.query(z.object(pageQuery))) };
      },
    },
    {
      ...ofSession,
      method: 'POST',
      operation: 'twelvelabs.report',
      handle: (call) => report(world, sessions, call),
    },
    {
      ...ofSession,
      method: 'POST',
      path: `${ofSession.path}/presigned-urls`,
      operation: 'twelvelabs.presigned-urls',
      handle: (call) => presignedUrls(world, sessions, call),
    },
  ];
}

async function create(world: World, sessions: TwelvelabsSessions, call: Call): Promise<Answer> {
  const { filename, type, total_size, user_metadata } = await call.body(createBody);
  if (total_size > maxSizeBytes[type]) throw refused(400, 'total_size is larger than allowed');
  const userMetadata = user_metadata ? { userMetadata: user_metadata } : {};
  const session = sessions.create({ filename, type, totalSizeBytes: total_size, ...userMetadata });
  call.record.jobId = session.id;
  return {
    status: 201,
    body: {
      upload_id: session.id,
      asset_id: session.assetId,
      upload_urls: sessions.presign(call.origin, session, 1, firstUrls),
      upload_headers: session.uploadHeaders,
      chunk_size: session.chunkSizeBytes,
      total_chunks: session.totalChunks,
      expires_at: timestamp(world.clock.after(session.createdAt, sessionLifetimeMs)),
    },
  };
}

function list(world: World, sessions: TwelvelabsSessions, call: Call): Answer {
  const incomplete = sessions.all().filter((session) => sessions.status(session) !== 'completed');
  const { items, page_info } = pageOf(incomplete, call.query(z.object(pageQuery)));
  return { status: 200, body: { data: items.map((session) => sessionSummary(world, sessions, session)), page_info } };
}

async function presignedUrls(world: World, sessions: TwelvelabsSessions, call: Call): Promise<Answer> {
  const session = sessions.get(call.parameter('uploadId'));
  const { start, count } = await call.body(urlsBody);
  const status = sessions.status(session);
  if (status !== 'active') throw refused(400, `The upload session is ${status}`);
  if (start > session.totalChunks) throw refused(400, 'start is past the last chunk');
  const urls = sessions.presign(call.origin, session, start, count);
  return {
    status: 200,
    body: {
      upload_id: session.id,
      start_index: start,
      count: urls.length,
      upload_urls: urls,
      generated_at: timestamp(world.clock.now()),
      expires_at: urls[0]?.['expires_at'],
    },
  };
}
