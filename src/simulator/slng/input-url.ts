import { Agent, request } from 'undici';
import { receiveBytes } from '../received-bytes.ts';
import type { ReceivedBytes } from '../received-bytes.ts';

const loopbackHosts = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Whether the simulator reads this URL: HTTPS as the vendor demands, and plain HTTP on this machine. */
export function isAllowedInputUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && loopbackHosts.has(hostname));
}

/** Reads the media behind a URL; certificates made for tests on this machine are accepted. Throws where it cannot. */
export async function fetchInput(
  url: string,
  signal: AbortSignal,
): Promise<{ bytes: ReceivedBytes; mediaType: string }> {
  const agent = new Agent({ connect: { rejectUnauthorized: !loopbackHosts.has(new URL(url).hostname) } });
  try {
    const { statusCode, headers, body } = await request(url, { dispatcher: agent, signal });
    if (statusCode !== 200) throw new Error(`status ${String(statusCode)}`);
    const [mediaType = ''] = String(headers['content-type'] ?? 'application/octet-stream').split(';');
    return { bytes: await receiveBytes(body as AsyncIterable<Buffer>, () => undefined), mediaType };
  } finally {
    await agent.destroy();
  }
}
