import { randomBytes } from 'node:crypto';
import { timestamp } from '../clock.ts';
import { mediaDurationSeconds } from '../media-duration.ts';
import { Spool } from '../spool.ts';
import type { SimulatedJob, World } from '../world.ts';
import type { TwelvelabsAssets } from './assets.ts';
import { refused } from './dialect.ts';
import { expectedChunkSizeBytes } from './session.ts';
import type { Session } from './session.ts';

/** A session lives a day, its URLs an hour; after the last report it is assembled for a moment. */
export const sessionLifetimeMs = 24 * 60 * 60 * 1000;
const urlLifetimeMs = 60 * 60 * 1000;
const defaultAssembleMs = 2000;

const mediaTypes = { video: 'video/mp4', audio: 'audio/mpeg', image: 'image/jpeg' };

/** All sessions; a status follows from the clock at the time of asking. */
export class TwelvelabsSessions {
  readonly #world: World;
  readonly #assets: TwelvelabsAssets;
  readonly #sessions = new Map<string, Session>();

  constructor(world: World, assets: TwelvelabsAssets) {
    this.#world = world;
    this.#assets = assets;
  }

  /** Creates a session and reserves its asset. */
  create(from: {
    filename: string;
    type: keyof typeof mediaTypes;
    totalSizeBytes: number;
    userMetadata?: Record<string, unknown>;
  }): Session {
    const id = randomBytes(12).toString('hex');
    const { filename, type, totalSizeBytes, userMetadata } = from;
    this.#world.plans.assign('twelvelabs', id);
    this.#world.calls.countJob('twelvelabs');
    const plan = this.#world.plans.of('twelvelabs', id);
    const chunkSizeBytes = plan.chunkSizeBytes ?? this.#world.chunkSizeBytes;
    const session: Session = {
      id,
      filename,
      assetId: '',
      createdAt: this.#world.clock.now(),
      totalSizeBytes,
      chunkSizeBytes,
      totalChunks: Math.ceil(totalSizeBytes / chunkSizeBytes),
      uploadHeaders: { 'Content-Type': 'application/octet-stream', ...plan.uploadHeaders },
      mediaType: mediaTypes[type],
      chunks: new Map(),
      failuresStruck: new Map(),
      durationSeconds: 0,
      spool: new Spool(this.#world.closing),
    };
    const asset = this.#assets.add({
      uploadId: id,
      method: 'multipart',
      filename,
      fileType: session.mediaType,
      receivedAt: () => this.#completedAt(session),
      sizeBytes: totalSizeBytes,
      media: () => session.media,
      durationSeconds: () => session.durationSeconds,
      ...(userMetadata ? { userMetadata } : {}),
    });
    session.assetId = asset.id;
    this.#sessions.set(id, session);
    return session;
  }

  /** The session of this id; throws a RefusalError with 404. */
  get(id: string): Session {
    const session = this.#sessions.get(id);
    if (!session) throw refused(404, `Resource with id ${id} does not exist`);
    return session;
  }

  /** Every session, newest first. */
  all(): Session[] {
    return [...this.#sessions.values()].reverse();
  }

  /** Where a session is now. */
  status(session: Session): 'active' | 'completed' | 'failed' | 'expired' {
    if (session.ended) return session.ended.status;
    const { clock } = this.#world;
    const completedAt = this.#completedAt(session);
    if (completedAt !== undefined && clock.now() >= completedAt) return 'completed';
    if (session.reportedAt === undefined && clock.now() >= clock.after(session.createdAt, sessionLifetimeMs)) {
      return 'expired';
    }
    return 'active';
  }

  /** Fresh presigned URLs for parts from `start` on, none past the last. */
  presign(origin: string, session: Session, start: number, count: number): Record<string, unknown>[] {
    const last = Math.min(session.totalChunks, start + count - 1);
    const indexes = Array.from({ length: Math.max(0, last - start + 1) }, (_, offset) => start + offset);
    const { reusableUrls } = this.#world.plans.of('twelvelabs', session.id);
    return indexes.map((index) => {
      const { url, expiresAt } = this.#world.presignedUrls.issue(origin, {
        provider: 'twelvelabs',
        operation: 'twelvelabs.part-put',
        method: 'PUT',
        key: `multipart/${session.id}/${String(index)}`,
        lifetimeMs: urlLifetimeMs,
        jobId: session.id,
        partIndex: index,
        demandedHeaders: session.uploadHeaders,
        ...(reusableUrls === true ? {} : { singleUse: true }),
        exactSizeBytes: expectedChunkSizeBytes(session, index),
        onStored: async (_object, bytes) => {
          this.#world.calls.countPart(session.id, index);
          if (!session.media) await session.spool.write(bytes.head, (index - 1) * session.chunkSizeBytes);
          if (index !== 1) return;
          const whole = { ...bytes, sizeBytes: session.totalSizeBytes };
          session.durationSeconds = await mediaDurationSeconds(whole, session.mediaType);
        },
      });
      return { chunk_index: index, url, expires_at: timestamp(expiresAt) };
    });
  }

  /** Every session with its status now. */
  list(): SimulatedJob[] {
    return [...this.#sessions.values()].map((session) => {
      const { id, createdAt } = session;
      const { script } = this.#world.plans.of('twelvelabs', id);
      const step = this.#world.plans.step({ script, resourceId: id, since: createdAt, poll: false });
      const status = step?.status ?? this.status(session);
      const media = session.media && this.#assets.has(session.assetId) ? [session.media] : [];
      const { filename } = session;
      const orphan = session.media === undefined;
      return {
        provider: 'twelvelabs',
        resource: 'multipart-upload',
        id,
        status,
        createdAt,
        media,
        orphan,
        filenames: [filename],
      };
    });
  }

  #completedAt(session: Session): number | undefined {
    const { clock, plans } = this.#world;
    const plan = plans.of('twelvelabs', session.id);
    if (session.reportedAt === undefined || session.ended || plan.holdActive === true) return undefined;
    return clock.after(session.reportedAt, plan.assembleMs ?? defaultAssembleMs);
  }
}
