// TwelveLabs, multipart uploads and assets, API v1.3: https://docs.twelvelabs.io/api-reference (read 2026-11).
// Surprises: a `completed` session means received, only a `ready` asset is of use; the session's status names neither
// the asset nor the chunk size; failed chunks of an active session are normal; no abort; a bad key may be a 403.
import { fieldOf, readErrorWords } from '../lenient.ts';
import type { Provider } from '../provider.ts';
import { asset } from './asset.ts';
import { multipartUpload } from './multipart-upload.ts';
import { twelvelabsUpload } from './twelvelabs-upload-input.ts';

/** The service TwelveLabs. */
export const twelvelabs = {
  title: 'TwelveLabs',
  defaultBaseUrl: 'https://api.twelvelabs.io/v1.3',
  authorize: (key) => ({ 'x-api-key': key }),
  resources: { 'multipart-upload': multipartUpload, asset },
  defaultResource: 'multipart-upload',
  readError: (body) => (fieldOf(body, 'code') === undefined ? {} : readErrorWords(body)),
  errorCodes: {
    // Comes with a 400 as well as a 404.
    resource_not_exist: 'not-found',
    api_key_invalid: 'credential-refused',
    unauthorized: 'credential-refused',
    too_many_requests: 'rate-limited',
    request_canceled_or_timed_out: 'unavailable',
    api_not_allowed: 'configuration-refused',
    api_allowed_for_paid_plan: 'configuration-refused',
    api_upgrade_required: 'configuration-refused',
    region_not_allowed: 'configuration-refused',
  },
  lifecycle: twelvelabsUpload,
  cleans: { sweep: 'assets that were reserved and never completed', retention: 'the asset' },
} as const satisfies Provider;
