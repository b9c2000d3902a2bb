import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { Answer } from './answer.ts';
import { RefusalError } from './answer.ts';
import { Call, InvalidRequestError } from './call.ts';
import { ConnectionCutError, serveWithFaults } from './fault-effects.ts';
import type { Dialect } from './dialect.ts';
import type { Operation } from './operations.ts';
import type { World } from './world.ts';

/** What a request turned out to be about, where its path does not say. */
export interface Identity {
  operation: Operation;
  jobId?: string;
  partIndex?: number;
}

/** One method and path of a provider. */
export interface Endpoint {
  method: HTTPMethods;
  path: string;
  operation: Operation;
  /** The path parameter that is the job's id. */
  jobParameter?: string;
  /** Tells what a request is where the path does not say. */
  identify?: (call: Call) => Identity | Promise<Identity>;
  /** Storage needs no key. */
  keyless?: boolean;
  handle: (call: Call) => Answer | Promise<Answer>;
}

/** Puts endpoints on the server: each request is recorded, struck by faults, authorized and handled, in this order. */
export function addEndpoints(app: FastifyInstance, world: World, dialect: Dialect, endpoints: Endpoint[]): void {
  for (const endpoint of endpoints) {
    app.route({
      method: endpoint.method,
      url: endpoint.path,
      handler: (request, reply) => serve(world, dialect, endpoint, request, reply),
    });
  }
}

/** Serves one request with one endpoint. */
export async function serve(
  world: World,
  dialect: Dialect,
  endpoint: Endpoint,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const call = open(world, dialect, endpoint, request);
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) call.record.state = 'cut';
  });
  try {
    const answer = await serveWithFaults(
      world,
      dialect,
      call,
      async () => {
        if (endpoint.identify) Object.assign(call.record, await endpoint.identify(call));
      },
      () => handle(dialect, endpoint, call),
    );
    return await send(call, reply, answer);
  } catch (error) {
    // The client left, or a fault ends the connection: nobody is there to answer.
    const nobodyThere = request.socket.destroyed || world.closing.aborted;
    if (!(error instanceof ConnectionCutError) && !nobodyThere) {
      Object.assign(call.record, { state: 'answered', status: 500 });
      throw error;
    }
    call.record.state = 'cut';
    reply.hijack();
    request.raw.socket.destroy();
    return reply;
  }
}

function open(world: World, dialect: Dialect, endpoint: Endpoint, request: FastifyRequest): Call {
  const key = dialect.keyOf(request);
  const keyIndex = world.keys[dialect.provider].findIndex((accepted) => accepted === key);
  const jobId = (request.params as Record<string, string | undefined>)[endpoint.jobParameter ?? ''];
  const record = world.calls.open({
    at: world.clock.now(),
    provider: dialect.provider,
    operation: endpoint.operation,
    method: request.method,
    path: request.url.split('?')[0] ?? '',
    keyIndex: keyIndex < 0 ? null : keyIndex,
    ...(jobId === undefined ? {} : { jobId }),
  });
  return new Call(request, record);
}

async function handle(dialect: Dialect, endpoint: Endpoint, call: Call): Promise<Answer> {
  try {
    if (endpoint.keyless !== true && call.record.keyIndex === null) {
      throw new RefusalError(dialect.unauthorized(dialect.keyOf(call.request)));
    }
    return await endpoint.handle(call);
  } catch (error) {
    if (error instanceof RefusalError) {
      await call.drain();
      return error.answer;
    }
    if (!isClientError(error)) throw error;
    await call.drain();
    return { status: 400, body: dialect.errorBody(400, error.message) };
  }
}

/** Whether the request is at fault: by our reading of it, or by that of the form parser. */
function isClientError(error: unknown): error is Error {
  if (error instanceof InvalidRequestError) return true;
  return error instanceof Error && 'statusCode' in error && Number(error.statusCode) < 500;
}

async function send(call: Call, reply: FastifyReply, answer: Answer): Promise<FastifyReply> {
  call.record.status = answer.status;
  call.record.state = 'answered';
  reply.code(answer.status);
  if (answer.body !== undefined && typeof answer.body !== 'string') reply.type('application/json; charset=utf-8');
  reply.headers(answer.headers ?? {});
  if (answer.stream) return await reply.send(answer.stream);
  return await reply.send(typeof answer.body === 'string' ? answer.body : stringify(answer.body));
}

function stringify(body: unknown): string | undefined {
  return body === undefined ? undefined : JSON.stringify(body);
}
