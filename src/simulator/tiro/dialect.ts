import type { Dialect } from '../dialect.ts';

const errorTypes: Record<number, string> = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  406: 'not_acceptable',
  409: 'conflict',
  413: 'payload_too_large',
  422: 'unprocessable_entity',
  429: 'too_many_requests',
};

/** Tiro's words: the key is the whole `{id}.{secret}`, codes are the HTTP status and three digits more. */
export const tiroDialect: Dialect = {
  provider: 'tiro',
  keyOf: ({ headers }) => /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1],
  // The authentication page words a wrong key unlike every other error.
  unauthorized: (key) =>
    key === undefined
      ? { status: 401, body: tiroDialect.errorBody(401, 'Authentication is required') }
      : {
          status: 401,
          body: { error: { type: 'authentication_error', code: 'invalid_api_key', message: 'Invalid API key' } },
        },
  errorBody: (status, message, code) => ({
    error: {
      code: code === undefined ? status * 1000 + 1 : Number(code),
      errorType: errorTypes[status] ?? 'internal_error',
      message,
      detail: null,
    },
  }),
};
