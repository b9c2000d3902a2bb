import { z } from 'zod';
import type { Answer } from '../answer.ts';
import { InvalidRequestError } from '../call.ts';
import type { Call } from '../call.ts';
import type { Endpoint } from '../endpoint.ts';
import { mediaDurationSeconds } from '../media-duration.ts';
import { providerPrefixes } from '../operations.ts';
import { mediaOf } from '../origin.ts';
import type { World } from '../world.ts';
import type { TwelvelabsAsset, TwelvelabsAssets } from './assets.ts';
import { pageOf, pageQuery } from './page.ts';

const list = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === 'string' ? [value] : value))
  .optional();
const listQuery = z.object({ ...pageQuery, filename: z.string().optional(), asset_ids: list, asset_types: list });
const deleteQuery = z.object({ force: z.enum(['true', 'false']).default('false') });

/** TwelveLabs' assets. */
export function assetEndpoints(world: World, assets: TwelvelabsAssets): Endpoint[] {
  const root = `${providerPrefixes.twelvelabs}/assets`;
  const ofAsset = { jobParameter: 'assetId', path: `${root}/:assetId` };
  return [
    {
      method: 'POST',
      path: root,
      operation: 'twelvelabs.create-asset',
      handle: (call) => create(world, assets, call),
    },
    { method: 'GET', path: root, operation: 'twelvelabs.list-assets', handle: (call) => listAssets(assets, call) },
    {
      ...ofAsset,
      method: 'GET',
      operation: 'twelvelabs.asset-status',
      handle: (call) => ({ status: 200, body: assets.document(assets.get(call.parameter('assetId')), true) }),
    },
    {
      ...ofAsset,
      method: 'DELETE',
      operation: 'twelvelabs.delete-asset',
      handle: (call) => {
        assets.delete(call.parameter('assetId'), call.query(deleteQuery).force === 'true');
        return { status: 200 };
      },
    },
  ];
}

function listAssets(assets: TwelvelabsAssets, call: Call): Answer {
  const query = call.query(listQuery);
  const found = assets
    .all()
    .filter(({ filename }) => query.filename === undefined || filename === query.filename)
    .filter(({ id }) => query.asset_ids === undefined || query.asset_ids.includes(id))
    .filter(
      ({ fileType }) => query.asset_types === undefined || query.asset_types.includes(fileType.split('/')[0] ?? ''),
    );
  const { items, page_info } = pageOf(found, query);
  return { status: 200, body: { data: items.map((asset) => assets.document(asset, false)), page_info } };
}

/** The direct upload of a small file; the `url` method is refused, as nothing here would read it. */
async function create(world: World, assets: TwelvelabsAssets, call: Call): Promise<Answer> {
  if (!call.request.isMultipart()) throw new InvalidRequestError('multipart/form-data is required');
  const values: Record<string, unknown> = {};
  let file: Pick<TwelvelabsAsset, 'sizeBytes' | 'media' | 'durationSeconds' | 'filename' | 'fileType'> | undefined;
  for await (const part of call.request.parts()) {
    if (part.type === 'field') values[part.fieldname] = part.value;
    else {
      const bytes = await call.receive(part.file);
      const durationSeconds = await mediaDurationSeconds(bytes, part.mimetype);
      const { filename, mimetype: fileType } = part;
      const media = mediaOf(bytes);
      const { sizeBytes } = media;
      file = { sizeBytes, media: () => media, durationSeconds: () => durationSeconds, filename, fileType };
    }
  }
  if (values['method'] !== 'direct') throw new InvalidRequestError('method must be direct');
  if (!file) throw new InvalidRequestError('file is required');
  const now = world.clock.now();
  const filename = typeof values['filename'] === 'string' ? values['filename'] : file.filename;
  const asset = assets.add({ ...file, filename, method: 'direct', receivedAt: () => now });
  world.calls.countJob('twelvelabs');
  call.record.jobId = asset.id;
  return { status: 201, body: assets.document(asset, false) };
}
