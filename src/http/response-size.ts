import type { Dispatcher } from 'undici';

type Response = Pick<Dispatcher.ResponseData, 'headers' | 'body'>;

const mebibyte = 1024 * 1024;
const mostTextBytes = 16 * mebibyte;

/** The most that a stored result may weigh. */
export const mostResultBytes = 1024 * mebibyte;

function refuse(body: Response['body'], mostBytes: number): never {
  body.on('error', () => undefined).destroy();
  throw new Error(`the answer is larger than ${String(mostBytes / mebibyte)} MiB`);
}

/** Ends an answer that claims to be larger than allowed before it is read, and throws. */
export function refuseHugeClaim({ headers, body }: Response, mostBytes: number): void {
  if (Number(headers['content-length'] ?? 0) > mostBytes) refuse(body, mostBytes);
}

/** Reads an answer as text; ends it and throws where it claims or has more than 16 MiB. */
export async function readText(response: Response): Promise<string> {
  refuseHugeClaim(response, mostTextBytes);
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > mostTextBytes) refuse(response.body, mostTextBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
