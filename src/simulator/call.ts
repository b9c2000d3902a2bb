import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { CallRecord } from './calls.ts';
import { headLimitBytes, receiveBytes } from './received-bytes.ts';
import type { ReceivedBytes } from './received-bytes.ts';

/** Thrown where a request body is not what the operation takes; the dialect turns it into the vendor's error. */
export class InvalidRequestError extends Error {}

/** One request being served. */
export class Call {
  readonly request: FastifyRequest;
  readonly record: CallRecord;
  /** Awaited when a body has been read and nothing been done about it yet. */
  gate: () => Promise<void> = () => Promise.resolve();
  #json: Promise<unknown> | undefined;

  constructor(request: FastifyRequest, record: CallRecord) {
    this.request = request;
    this.record = record;
  }

  /** Where the client found this server, so that URLs given to it are good for it. */
  get origin(): string {
    return `http://${this.request.headers.host ?? 'localhost'}`;
  }

  /** The request as Node has it, its body unread. */
  get raw(): IncomingMessage {
    return this.request.raw;
  }

  /** A path parameter; empty where the path has none of this name. */
  parameter(name: string): string {
    return (this.request.params as Record<string, string | undefined>)[name] ?? '';
  }

  /** The query as the schema reads it; throws InvalidRequestError. */
  query<T extends z.ZodType>(schema: T): z.output<T> {
    return this.#valid(schema, this.request.query);
  }

  /** The JSON body as the schema reads it, an absent body as `{}`; throws InvalidRequestError. */
  async body<T extends z.ZodType>(schema: T): Promise<z.output<T>> {
    return this.#valid(schema, await this.json());
  }

  /** The JSON body, read once; throws InvalidRequestError where it is not JSON. */
  json(): Promise<unknown> {
    return (this.#json ??= this.#readJson());
  }

  /** Reads a stream of this request to its end, counting its bytes in the record; keeps so many of the first. */
  async receive(stream: AsyncIterable<Buffer> = this.raw, keepBytes = headLimitBytes): Promise<ReceivedBytes> {
    const count = (sizeBytes: number) => (this.record.bytesReceived += sizeBytes);
    const bytes = await receiveBytes(stream, count, keepBytes);
    await this.gate();
    return bytes;
  }

  /** Whether there is a body that nobody has read. */
  get hasUnreadBody(): boolean {
    const { headers, readableEnded } = this.raw;
    const announced = Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined;
    return announced && !readableEnded;
  }

  /** Reads and forgets what is left of the body. */
  async drain(): Promise<void> {
    if (this.hasUnreadBody) await this.receive(this.raw, 0);
  }

  async #readJson(): Promise<unknown> {
    const pieces: Buffer[] = [];
    for await (const piece of this.raw as AsyncIterable<Buffer>) {
      pieces.push(piece);
      this.record.bytesReceived += piece.length;
    }
    await this.gate();
    const text = Buffer.concat(pieces).toString('utf8');
    if (text === '') return {};
    const contentType = this.request.headers['content-type'] ?? '';
    if (!contentType.startsWith('application/json')) {
      throw new InvalidRequestError('the content type must be application/json');
    }
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new InvalidRequestError('the body is not valid JSON');
    }
  }

  #valid<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const issue = result.error.issues[0];
    throw new InvalidRequestError(`${issue?.path.join('.') ?? 'body'}: ${issue?.message ?? 'invalid'}`);
  }
}
