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
    if (duration === undefined || duration <= 0) return undefined;
    // The header of an MP4 tells the whole length; elsewhere what is at hand is counted, and the rest follows its rate.
    if (head.length === sizeBytes || /isom|mp4|m4a|qt/i.test(container ?? '')) return duration;
    return bitrate === undefined ? undefined : duration + ((sizeBytes - head.length) * 8) / bitrate;
  } catch {
    return undefined;
  }
}
