import { RefusalError } from '../answer.ts';
import type { Dialect } from '../dialect.ts';

const codes: Record<number, string> = {
  400: 'parameter_invalid',
  403: 'unauthorized',
  404: 'resource_not_exist',
  409: 'resource_in_use',
  429: 'too_many_requests',
};

/** TwelveLabs' words: `{ code, message }`; a bad key is 403, the only such status on the multipart pages. */
export const twelvelabsDialect: Dialect = {
  provider: 'twelvelabs',
  keyOf: ({ headers }) => (typeof headers['x-api-key'] === 'string' ? headers['x-api-key'] : undefined),
  unauthorized: () => ({
    status: 403,
    body: { code: 'api_key_invalid', message: 'The API key is invalid. Check it and try again.' },
  }),
  errorBody: (status, message, code) => ({ code: code ?? codes[status] ?? 'internal_server_error', message }),
};

/** An error in TwelveLabs' words. */
export function refused(status: number, message: string, code?: string): RefusalError {
  return new RefusalError({ status, body: twelvelabsDialect.errorBody(status, message, code) });
}
