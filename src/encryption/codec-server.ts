import type { Payload } from '@temporalio/common';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { EncryptionCodec } from './encryption-codec.ts';
import type { EncryptionKey } from './encryption-keys.ts';
import { PayloadDecryptionError } from './payload-decryption-error.ts';

// Well above the page of history that Temporal's Web UI sends at once.
const largestBodyBytes = 64 * 1024 * 1024;

const message = z.object({
  payloads: z.array(z.object({ metadata: z.record(z.string(), z.base64()).default({}), data: z.base64().default('') })),
});

/** How a codec server is started. */
export interface CodecServerOptions {
  keys: readonly EncryptionKey[];
  host: string;
  /** 0 is any free one. */
  port: number;
  /** Origins of the Web UIs that may ask, for instance `http://localhost:8233`. */
  origins: readonly string[];
}

/** A running codec server. */
export interface CodecServer {
  url: string;
  close(): Promise<void>;
}

function fromJson({ payloads }: z.infer<typeof message>): Payload[] {
  return payloads.map(({ metadata, data }) => ({
    metadata: Object.fromEntries(Object.entries(metadata).map(([name, text]) => [name, Buffer.from(text, 'base64')])),
    data: Buffer.from(data, 'base64'),
  }));
}

const toBase64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

function toJson(payloads: Payload[]): z.infer<typeof message> {
  return {
    payloads: payloads.map(({ metadata, data }) => ({
      metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, bytes]) => [name, toBase64(bytes)])),
      data: toBase64(data ?? new Uint8Array()),
    })),
  };
}

function allowOrigin(request: FastifyRequest, reply: FastifyReply, origin: string): void {
  void reply.headers({
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'POST, OPTIONS',
    'access-control-allow-headers': request.headers['access-control-request-headers'] ?? 'content-type, x-namespace',
    vary: 'origin',
  });
}

/**
 * Serves `POST /encode` and `POST /decode` as Temporal's Web UI and command line ask for them. Pages of other origins
 * are refused; whoever else reaches the port can read payloads.
 */
export async function startCodecServer({ keys, host, port, origins }: CodecServerOptions): Promise<CodecServer> {
  const codec = new EncryptionCodec(keys);
  const server = fastify({ bodyLimit: largestBodyBytes, forceCloseConnections: true });
  server.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    if (origin === undefined) return;
    if (!origins.includes(origin)) return reply.code(403).send({ error: `the origin ${origin} is not allowed` });
    allowOrigin(request, reply, origin);
    if (request.method === 'OPTIONS') return reply.code(204).send();
  });
  const operations = {
    '/encode': (payloads: Payload[]) => codec.encode(payloads),
    '/decode': (payloads: Payload[]) => codec.decode(payloads),
  };
  for (const [path, operation] of Object.entries(operations)) {
    server.post(path, async (request, reply) => {
      const asked = message.safeParse(request.body);
      if (!asked.success) return reply.code(400).send({ error: 'expected { "payloads": [{ "metadata", "data" }] }' });
      try {
        return toJson(await operation(fromJson(asked.data)));
      } catch (error) {
        if (!(error instanceof PayloadDecryptionError)) throw error;
        return reply.code(400).send({ error: error.message });
      }
    });
  }
  server.options('/*', (_request, reply) => reply.code(204).send());
  return { url: await server.listen({ host, port }), close: () => server.close() };
}
