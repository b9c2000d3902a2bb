import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** A forward proxy that leads every connection to one port of this machine, whatever host it is asked for. */
export interface ForwardProxy {
  url: string;
  /** The hosts and ports that it was asked for, in order. */
  asked: string[];
  /** Refuses with this status, or does not answer at all where it is null. */
  refusal: { status: number | null } | null;
  /** The `proxy-authorization` of each. */
  credentials: (string | undefined)[];
  close(): Promise<void>;
}

/** Starts the proxy. */
export async function startForwardProxy(port: number): Promise<ForwardProxy> {
  const asked: string[] = [];
  const credentials: (string | undefined)[] = [];
  const tunnels = new Set<Duplex>();
  const server = createServer((asking, response) => {
    const { host = '' } = asking.headers;
    asked.push(host);
    const { pathname, search } = new URL(asking.url ?? '');
    const options = { port, method: asking.method, path: pathname + search, headers: asking.headers };
    const far = request({ host: '127.0.0.1', ...options }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    far.on('error', () => response.destroy());
    asking.pipe(far);
  });
  server.on('connect', ({ url = '', headers }, socket) => {
    asked.push(url);
    tunnels.add(socket);
    credentials.push(headers['proxy-authorization']);
    const { refusal } = proxy;
    if (refusal !== null) {
      if (refusal.status !== null) socket.end(`HTTP/1.1 ${String(refusal.status)} No\r\n\r\n`);
      return;
    }
    const far = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      far.pipe(socket).pipe(far);
    });
    for (const end of [far, socket]) {
      end.on('error', () => {
        far.destroy();
        socket.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: ForwardProxy = {
    refusal: null,
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    asked,
    credentials,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
        // Tunnels are none of the server's any more.
        for (const tunnel of tunnels) tunnel.destroy();
      }),
  };
  return proxy;
}
