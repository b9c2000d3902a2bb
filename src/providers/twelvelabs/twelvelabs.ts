// TwelveLabs, multipart uploads and assets, API v1.3: https://docs.twelvelabs.io/api-reference (read 2026-11).
// Surprises: a `completed` session means received, only a `ready` asset is of use; the session's status names neither
// the asset nor the chunk size; failed chunks of an active session are normal; no abort; a bad key may be a 403.
import { z } from 'zod';
import type { Provider } from '../provider.ts';
import { asset } from './asset.ts';
import { multipartUpload } from './multipart-upload.ts';
import { twelvelabsUpload } from './twelvelabs-upload-input.ts';

const errorSchema = z.object({
  code: z.union([z.string(), z.number()]).nullish(),
  message: z.string().nullish(),
});

/** The service TwelveLabs. */
export const twelvelabs = {
  title: 'TwelveLabs',
  defaultBaseUrl: 'https://api.twelvelabs.io/v1.3',
  authorize: (key) => ({ 'x-api-key': key }),
  resources: { 'multipart-upload': multipartUpload, asset },
  defaultResource: 'multipart-upload',
  readError(body) {
    const parsed = errorSchema.safeParse(body);
    if (!parsed.success) return {};
    const { code, message } = parsed.data;
    return {
      ...(code === null || code === undefined ? {} : { code: String(code) }),
      ...(message ? { message } : {}),
    };
  },
  configurationCodes: ['api_not_allowed', 'api_allowed_for_paid_plan', 'api_upgrade_required', 'region_not_allowed'],
  lifecycle: twelvelabsUpload,
} as const satisfies Provider;
