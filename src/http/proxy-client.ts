import { type Dispatcher, Pool } from 'undici';

/** A forward proxy cannot be reached or does not lead where it was asked to; nothing was sent to the host behind it. */
export class ForwardProxyError extends Error {
  override readonly name = 'ForwardProxyError';
  readonly code = 'ERR_FORWARD_PROXY';
}

/** Connections to a proxy whose tunnel is open within a time, or never; undici itself would wait for five minutes. */
export function createProxyClient(origin: URL, options: object, timeoutMs: number): Pool {
  const pool = new Pool(origin, { ...options, headersTimeout: timeoutMs });
  const open = pool.connect.bind(pool) as (tunnel: object) => Promise<Dispatcher.ConnectData>;
  const connect = async (tunnel: object) => {
    const answer = await open(tunnel).catch((error: unknown) => {
      throw new ForwardProxyError(`the proxy ${origin.host} cannot be reached or does not answer`, { cause: error });
    });
    if (answer.statusCode === 200) return answer;
    answer.socket.on('error', () => undefined).destroy();
    const refused = `the proxy ${origin.host} refuses with status ${String(answer.statusCode)}`;
    throw new ForwardProxyError(answer.statusCode === 407 ? `${refused}: it wants a user name and password` : refused);
  };
  return Object.assign(pool, { connect });
}
