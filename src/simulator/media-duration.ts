import { parseBuffer } from 'music-metadata';
import type { ReceivedBytes } from './received-bytes.ts';

/** Common bit rates, for what cannot be read. */
const audioBytesPerSecond = 16_000;
const videoBytesPerSecond = 250_000;

/** The length of the media in seconds: read from its first bytes, else estimated from the size at a common bit rate. */
export async function mediaDurationSeconds(bytes: ReceivedBytes, mediaType: string): Promise<number> {
  const bytesPerSecond = mediaType.startsWith('video/') ? videoBytesPerSecond : audioBytesPerSecond;
  return (await readDurationSeconds(bytes, mediaType)) ?? bytes.sizeBytes / bytesPerSecond;
}

async function readDurationSeconds({ head, sizeBytes }: ReceivedBytes, mimeType: string): Promise<number | undefined> {
  try {
    const { duration, bitrate, container } = (await parseBuffer(head, { mimeType })).format;
    const bySize = bitrate !== undefined && bitrate > 0 ? (sizeBytes * 8) / bitrate : undefined;
    if (duration === undefined || duration <= 0) return bySize;
    // These headers tell the whole length, others only that of the bytes at hand; a streamed WAV's tells too much.
    if (container === 'WAVE') return Math.min(duration, bySize ?? duration);
    const tellsAll = head.length === sizeBytes || /isom|mp4|m4a|qt/i.test(container ?? '');
    return tellsAll ? duration : bySize;
  } catch {
    return undefined;
  }
}
