import type { Dialect } from '../dialect.ts';

/** Soket's words: `{ "error": "<text>" }`; 401 is documented, its body is not. */
export const soketDialect: Dialect = {
  provider: 'soket',
  keyOf: ({ headers }) => /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1],
  unauthorized: () => ({ status: 401, body: { error: 'invalid or missing token' } }),
  errorBody: (_status, message) => ({ error: message }),
};
