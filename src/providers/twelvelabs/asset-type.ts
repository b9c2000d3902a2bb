import { type AssetType, assetTypes } from './twelvelabs-upload-input.ts';

/** What kind of asset a media type makes; `null` for one that TwelveLabs has no kind for. */
export function assetTypeOf(mediaType: string): AssetType | null {
  return assetTypes.find((type) => mediaType.startsWith(`${type}/`)) ?? null;
}
