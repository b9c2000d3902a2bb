import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type { Answer } from './answer.ts';
import { InvalidRequestError } from './call.ts';
import type { Call } from './call.ts';
import type { Dialect } from './dialect.ts';
import type { Fault } from './faults.ts';
import type { World } from './world.ts';

/** Thrown to end the connection in place of an answer. */
export class ConnectionCutError extends Error {}

type FaultOf<K extends Fault['kind']> = Extract<Fault, { kind: K }>;

/**
 * Handles a call, or lets the fault that strikes it do what it does before, instead or after.
 * Throws ConnectionCutError where the connection is to end.
 */
export async function serveWithFaults(
  world: World,
  dialect: Dialect,
  call: Call,
  identify: () => Promise<void>,
  handle: () => Promise<Answer>,
): Promise<Answer> {
  await identify().catch((error: unknown) => {
    // A body that cannot be read is refused by the handler, in the vendor's words.
    if (!(error instanceof InvalidRequestError)) throw error;
  });
  const fault = world.faults.take(call.record) ?? world.weather.draw(call.record);
  if (!fault) return await handle();
  switch (fault.kind) {
    case 'status':
      return await instead(call, () => statusAnswer(dialect, fault));
    case 'echo':
      return await instead(call, () => echoAnswer(world, dialect, call, fault));
    case 'redirect':
      return await instead(call, () => ({ status: fault.status ?? 307, headers: { location: fault.location } }));
    case 'cut':
      throw new ConnectionCutError();
    case 'cut-after':
      await handle();
      throw new ConnectionCutError();
    case 'delay':
      await wait(fault.delayMs, undefined, { signal: world.closing });
      return await handleIfThere(call, handle);
    case 'hold':
      return await hold(world, call, handle);
    case 'drip':
      return drip(await handle(), fault, world.closing);
    case 'body': {
      const answer = await handle();
      return {
        status: fault.status ?? answer.status,
        body: fault.body,
        headers: { 'content-type': 'application/json', ...answer.headers, ...fault.headers },
      };
    }
  }
}

async function handleIfThere(call: Call, handle: () => Promise<Answer>): Promise<Answer> {
  if (call.request.socket.destroyed) throw new ConnectionCutError();
  return await handle();
}

/** Holds a request once its body is read, so that a client that leaves meanwhile is noticed and nothing is done. */
async function hold(world: World, call: Call, handle: () => Promise<Answer>): Promise<Answer> {
  call.gate = async () => {
    await world.faults.held(call.record.faultId ?? '');
    if (call.request.socket.destroyed || world.closing.aborted) throw new ConnectionCutError();
  };
  if (!call.hasUnreadBody) await call.gate();
  return await handle();
}

/** Answers without handling; the body is read first so that the client can finish sending. */
async function instead(call: Call, answer: () => Answer): Promise<Answer> {
  await call.drain();
  return answer();
}

function statusAnswer(dialect: Dialect, fault: FaultOf<'status'>): Answer {
  const { status, code, body, retryAfter } = fault;
  const headers = { ...fault.headers };
  if (retryAfter) {
    headers['retry-after'] =
      retryAfter.form === 'seconds' ? String(retryAfter.seconds) : httpDate(Date.now() + retryAfter.seconds * 1000);
  }
  return { status, body: body ?? dialect.errorBody(status, 'simulated fault', code), headers };
}

/** An HTTP date, which has no fractions of a second; never earlier than the time itself. */
function httpDate(atMs: number): string {
  return new Date(Math.ceil(atMs / 1000) * 1000).toUTCString();
}

function echoAnswer(world: World, dialect: Dialect, call: Call, fault: FaultOf<'echo'>): Answer {
  const { headers } = call.request;
  const said = [
    `authorization: ${headers.authorization ?? ''}`,
    `x-api-key: ${String(headers['x-api-key'] ?? '')}`,
    `url: ${world.presignedUrls.last(dialect.provider) ?? ''}`,
    `request: ${call.request.url}`,
  ];
  const status = fault.status ?? 400;
  return { status, body: dialect.errorBody(status, `cannot serve ${said.join(', ')}`) };
}

function drip(answer: Answer, fault: FaultOf<'drip'>, signal: AbortSignal): Answer {
  const { body } = answer;
  const text = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? null));
  const size = fault.chunkSizeBytes ?? 16;
  async function* pieces() {
    for (let start = 0; start < text.length; start += size) {
      await wait(fault.delayMs, undefined, { signal });
      yield text.subarray(start, start + size);
    }
  }
  const { status, headers } = answer;
  return { status, headers: { 'content-type': 'application/json', ...headers }, stream: Readable.from(pieces()) };
}
