import fastify from 'fastify';

/** Whether the worker can do its work, and if not, why. */
export interface Readiness {
  ready: boolean;
  reasons: string[];
}

/** The health endpoints of one worker process. */
export interface HealthServer {
  port: number;
  close(): Promise<void>;
}

/**
 * Serves `/healthz` (503 where only a restart helps) and `/readyz` (503 with the reasons until it can work).
 */
export async function startHealthServer(
  port: number,
  readiness: () => Readiness,
  lives: () => boolean = () => true,
): Promise<HealthServer> {
  const server = fastify({ forceCloseConnections: true });
  server.get('/healthz', (_request, reply) =>
    lives() ? { status: 'ok' } : reply.code(503).send({ status: 'a worker has died' }),
  );
  server.get('/readyz', (_request, reply) => {
    const state = readiness();
    return reply.code(state.ready ? 200 : 503).send(state);
  });
  const address = await server.listen({ host: '0.0.0.0', port });
  return { port: Number(new URL(address).port), close: () => server.close() };
}
