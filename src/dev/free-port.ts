import { type AddressInfo, createServer } from 'node:net';

/** Whether nothing listens on this port of the loopback address; with 0, which free port there is. */
function listenBriefly(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(null);
    });
    server.listen(port, '127.0.0.1', () => {
      const { port: found } = server.address() as AddressInfo;
      server.close(() => {
        resolve(found);
      });
    });
  });
}

/** The wanted port where it is free, else any free one. */
export async function findFreePort(wanted = 0): Promise<number> {
  return (await listenBriefly(wanted)) ?? (await listenBriefly(0)) ?? wanted;
}
