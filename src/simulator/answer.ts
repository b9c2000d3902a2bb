import type { Readable } from 'node:stream';

/** What an operation answers: a text body is sent as it is, any other as JSON. */
export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** Sent in place of a body. */
  stream?: Readable;
}

/** Thrown by an operation to answer with an error body of the vendor. */
export class RefusalError extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with status ${String(answer.status)}`);
    this.answer = answer;
  }
}
