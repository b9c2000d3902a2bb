import { randomBytes } from 'node:crypto';
import { timestamp } from '../clock.ts';
import { mediaWords, originFields } from '../origin.ts';
import type { MediaBytes } from '../origin.ts';
import { scripted } from '../script.ts';
import type { SimulatedJob, World } from '../world.ts';
import { refused } from './dialect.ts';

const defaultProcessingMs = 20_000;

/** An asset: reserved with its session, processed once its bytes are there. */
export interface TwelvelabsAsset {
  id: string;
  /** The upload session it came with. */
  uploadId?: string;
  method: 'direct' | 'url' | 'multipart';
  filename: string;
  fileType: string;
  createdAt: number;
  /** When all bytes were there, in milliseconds since the epoch; undefined until then. */
  receivedAt: () => number | undefined;
  sizeBytes: number;
  /** The bytes, once all were there. */
  media: () => MediaBytes | undefined;
  durationSeconds: () => number;
  userMetadata?: Record<string, unknown>;
}

/** All assets; a status follows from the clock at the time of asking. */
export class TwelvelabsAssets {
  readonly #world: World;
  readonly #assets = new Map<string, TwelvelabsAsset>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Adds an asset under a fresh id. */
  add(from: Omit<TwelvelabsAsset, 'id' | 'createdAt'>): TwelvelabsAsset {
    const asset = { ...from, id: randomBytes(12).toString('hex'), createdAt: this.#world.clock.now() };
    if (from.uploadId === undefined) this.#world.plans.assign('twelvelabs', asset.id);
    else this.#world.plans.inherit('twelvelabs', asset.id, from.uploadId);
    this.#assets.set(asset.id, asset);
    return asset;
  }

  /** The asset of this id; throws a RefusalError as the vendor's specification lists it, which knows no 404 here. */
  get(id: string): TwelvelabsAsset {
    const asset = this.#assets.get(id);
    if (!asset) throw refused(400, `Resource with id ${id} does not exist`, 'resource_not_exist');
    return asset;
  }

  /** Whether there is an asset of this id. */
  has(id: string): boolean {
    return this.#assets.has(id);
  }

  /** Every asset, newest first. */
  all(): TwelvelabsAsset[] {
    return [...this.#assets.values()].reverse();
  }

  /** Removes an asset; throws a RefusalError with 409 where an index refers to it and `force` is not given. */
  delete(id: string, force: boolean): void {
    this.get(id);
    if (this.#world.plans.of('twelvelabs', id).assetReferenced === true && !force) {
      throw refused(409, 'The asset is referenced by indexed assets');
    }
    this.#assets.delete(id);
  }

  /** The asset as its document tells it; `poll` counts this as an answer of the plan's script. */
  document(asset: TwelvelabsAsset, poll: boolean): Record<string, unknown> {
    const { plans } = this.#world;
    const plan = plans.of('twelvelabs', asset.id);
    const step = plans.step({ script: plan.assetScript, resourceId: asset.id, since: asset.createdAt, poll });
    const status = step?.status ?? this.#status(asset);
    const { sizeBytes, durationSeconds, fileType, userMetadata } = asset;
    const duration = fileType.startsWith('image/') ? {} : { duration: durationSeconds() };
    const ready = {
      size: sizeBytes,
      ...duration,
      technical_metadata: { file_size_bytes: sizeBytes },
      ...originOf(asset),
    };
    const body = {
      _id: asset.id,
      method: asset.method,
      status,
      filename: asset.filename,
      file_type: fileType,
      created_at: timestamp(asset.createdAt),
      ...(userMetadata ? { user_metadata: userMetadata } : {}),
      ...(status === 'ready' ? ready : {}),
      ...(status === 'failed' ? { error: { message: plan.message ?? 'The file could not be processed' } } : {}),
    };
    return scripted(body, step);
  }

  /** Every asset with its status now. */
  list(): SimulatedJob[] {
    return [...this.#assets.values()].map((asset) => ({
      provider: 'twelvelabs',
      resource: 'asset',
      id: asset.id,
      status: String(this.document(asset, false)['status']),
      createdAt: asset.createdAt,
      // The file of an upload session is counted with the session.
      media: asset.uploadId === undefined ? [asset.media()].filter((media) => media !== undefined) : [],
      orphan: asset.media() === undefined,
      filenames: [asset.filename],
      ...(asset.userMetadata ? { userMetadata: asset.userMetadata } : {}),
    }));
  }

  #status(asset: TwelvelabsAsset): 'processing' | 'ready' | 'failed' {
    const { clock, plans } = this.#world;
    const plan = plans.of('twelvelabs', asset.id);
    const receivedAt = asset.receivedAt();
    if (receivedAt === undefined) return 'processing';
    if (clock.now() < clock.after(receivedAt, plan.durationMs ?? defaultProcessingMs)) return 'processing';
    return plan.outcome === 'failed' ? 'failed' : 'ready';
  }
}

/** Fields of a ready asset that the vendor does not have: what it holds, in words and in fields. */
function originOf({ id, uploadId, media }: TwelvelabsAsset): Record<string, unknown> {
  const held = media();
  if (!held) return {};
  const ids = { asset_id: id, ...(uploadId === undefined ? {} : { upload_id: uploadId }) };
  return { content: mediaWords(held), ...originFields({ media: held, ids }) };
}
