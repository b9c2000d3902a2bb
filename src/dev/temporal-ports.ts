import { createServer, type AddressInfo } from 'node:net';
import { TemporalServerError } from './temporal-server-error.ts';

const LOOPBACK = '127.0.0.1';

/** The two ports of a dev server; no `uiPort` means no Web UI. */
export interface TemporalPorts {
  port: number;
  uiPort: number | null;
}

/** Which ports were asked for; free ones are found for those left out. */
export interface TemporalPortOptions {
  port?: number | undefined;
  uiPort?: number | undefined;
  ui: boolean;
}

/**
 * Settles the ports of a dev server; the Web UI's is 1,000 above a given `port`.
 * @throws TemporalServerError when a port that was asked for is taken.
 */
export async function chooseTemporalPorts({ port, uiPort, ui }: TemporalPortOptions): Promise<TemporalPorts> {
  const chosen = port === undefined ? await listenBriefly(0) : await claim(port, 'server');
  if (!ui) return { port: chosen, uiPort: null };
  const wantedUiPort = uiPort ?? (port === undefined ? undefined : port + 1_000);
  return {
    port: chosen,
    uiPort: wantedUiPort === undefined ? await listenBriefly(0) : await claim(wantedUiPort, 'Web UI'),
  };
}

async function claim(port: number, purpose: 'server' | 'Web UI'): Promise<number> {
  try {
    return await listenBriefly(port);
  } catch (error) {
    const remedy =
      purpose === 'server'
        ? `Stop what listens there, ask for another port, or use that server with TEMPORAL_ADDRESS=${LOOPBACK}:${String(port)}.`
        : 'Stop what listens there, or ask for another port.';
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new TemporalServerError(
      `Port ${String(port)} on ${LOOPBACK}, wanted for the Temporal ${purpose}, cannot be used (${reason}). ${remedy}`,
      { cause: error },
    );
  }
}

function listenBriefly(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      const address = server.address() as AddressInfo;
      server.close(() => {
        resolve(address.port);
      });
    });
  });
}
