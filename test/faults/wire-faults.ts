import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { generate } from 'selfsigned';
import type { Dispatcher } from 'undici';
import type { WireKind } from './fault-row.ts';

type ElsewhereKind = Exclude<WireKind, 'clock-ahead' | 'clock-behind'>;

/** Places that no request should reach. */
export interface Elsewhere {
  origins: Record<ElsewhereKind, string>;
  close(): Promise<void>;
}

const claimedBytes = 10_000_000_000;
// A label may have 63 letters: the resolver refuses this one without asking anybody.
const impossibleName = `${'x'.repeat(64)}.invalid`;
const hourMs = 3_600_000;

function claimTooMuch(socket: Socket): void {
  socket.on('error', () => undefined);
  socket.once('data', () => {
    socket.write(
      `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${String(claimedBytes)}\r\n\r\n[1,`,
    );
  });
}

/** Opens the servers behind the faults of the wire: one that claims 10 GB, one whose certificate nobody knows. */
export async function openElsewhere(): Promise<Elsewhere> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
  const servers = [createServer(claimTooMuch), createTlsServer({ key, cert }), createServer()] as const;
  const sockets = new Set<Socket>();
  for (const server of servers) {
    server.on('connection', (socket: Socket) => sockets.add(socket));
    server.listen(0, '127.0.0.1');
  }
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const [huge, untrusted, closed] = servers.map(
    (server) => `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
  );
  servers[2].close();
  return {
    origins: {
      huge: `http://${huge ?? ''}`,
      'not-trusted': `https://${untrusted ?? ''}`,
      refused: `http://${closed ?? ''}`,
      'no-such-name': `http://${impossibleName}`,
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.slice(0, 2).map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

/** Which requests are struck on the wire, and with what. */
export interface WireStrike {
  kind: WireKind;
  method: string;
  path: RegExp;
  skip: number;
  times: number;
}

function withClock(handler: Dispatcher.DispatchHandler, shiftMs: number): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (...args) => handler.onRequestStart?.(...args),
    onResponseStart: (controller, status, headers, message) => {
      const date = new Date(Date.parse(String(headers.date)) + shiftMs).toUTCString();
      handler.onResponseStart?.(controller, status, { ...headers, date }, message);
    },
    onResponseData: (...args) => handler.onResponseData?.(...args),
    onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
    onResponseError: (...args) => handler.onResponseError?.(...args),
  };
}

/** Sends the struck requests elsewhere, or shifts the clock in their answers; all others pass. */
export function strikeOnWire(strike: WireStrike, elsewhere: Elsewhere): Dispatcher.DispatcherComposeInterceptor {
  let seen = 0;
  return (dispatch) => (options, handler) => {
    const path = options.path.split('?')[0] ?? '';
    if (options.method !== strike.method || !strike.path.test(path)) return dispatch(options, handler);
    seen += 1;
    if (seen <= strike.skip || seen > strike.skip + strike.times) return dispatch(options, handler);
    const { kind } = strike;
    if (kind === 'clock-ahead') return dispatch(options, withClock(handler, hourMs));
    if (kind === 'clock-behind') return dispatch(options, withClock(handler, -hourMs));
    return dispatch({ ...options, origin: elsewhere.origins[kind] }, handler);
  };
}
