import type { Dialect } from '../dialect.ts';

/** SLNG's words: a display text without a code, and 403 where the key is not accepted. */
export const slngDialect: Dialect = {
  provider: 'slng',
  keyOf: ({ headers }) => /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1],
  unauthorized: () => ({ status: 403, body: { error: 'Invalid or missing API key' } }),
  errorBody: (_status, message) => ({ error: message }),
};
