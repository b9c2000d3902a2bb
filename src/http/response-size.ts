import { errors, type Dispatcher } from 'undici';

type Response = Pick<Dispatcher.ResponseData, 'headers' | 'body'>;

const mebibyte = 1024 * 1024;

/** The most that an answer may weigh which is read as text. */
export const mostTextBytes = 16 * mebibyte;
/** The same for one that is a result, as a transcript of many hours with a time for each word. */
export const mostResultTextBytes = 128 * mebibyte;
/** The most that a stored result may weigh. */
export const mostResultBytes = 1024 * mebibyte;

function refuse(body: Response['body'], mostBytes: number): never {
  body.on('error', () => undefined).destroy();
  throw new errors.ResponseExceededMaxSizeError(`the answer is larger than ${String(mostBytes / mebibyte)} MiB`);
}

/** Whether an answer was given up because it is larger than allowed. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE';
}

/** Ends an answer that claims to be larger than allowed before it is read, and throws. */
export function refuseHugeClaim({ headers, body }: Response, mostBytes: number): void {
  if (Number(headers['content-length'] ?? 0) > mostBytes) refuse(body, mostBytes);
}

/** Reads an answer as text, without a byte order mark; ends it and throws where it claims or has more than it may. */
export async function readText(response: Response, mostBytes = mostTextBytes): Promise<string> {
  refuseHugeClaim(response, mostBytes);
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > mostBytes) refuse(response.body, mostBytes);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
