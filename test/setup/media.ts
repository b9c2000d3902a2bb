import { makeWav } from './wav.ts';

function box(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length);
  head.write(type, 4);
  return Buffer.concat([head, body]);
}

/** The beginning of an MP4 container of this brand (`isom`, `M4A `, `qt  `), and some bytes of media. */
export function makeMp4(brand = 'isom'): Buffer {
  return Buffer.concat([box('ftyp', Buffer.from(`${brand}\0\0\0\0isommp42`)), box('mdat', Buffer.alloc(2000, 7))]);
}

// Bit rates of MPEG-2 layer III, in kbit/s, by their place in a frame's header.
const rates = [0, 8, 16, 24, 32, 40, 48, 56, 64];

/** An MP3 of so many silent frames of 36 ms each: MPEG-2 layer III, 16 kHz, so many kbit/s. */
export function makeMp3(frames = 60, kbps = 8): Buffer {
  const frame = Buffer.alloc((72 * kbps * 1000) / 16_000);
  frame.writeUInt32BE((0xff_f3_08_c0 | (rates.indexOf(kbps) << 12)) >>> 0);
  return Buffer.concat(Array.from({ length: frames }, () => frame));
}

/** An MP3 of this length without an index, whose first frames promise eight times as much. */
export function makePromisingMp3(seconds: number): Buffer {
  return Buffer.concat([makeMp3(28, 8), makeMp3(Math.round(seconds / 0.036) - 28, 64)]);
}

/** An MPEG transport stream of null packets. */
export function makeTransportStream(packets = 30): Buffer {
  const packet = Buffer.alloc(188, 0xff);
  packet.writeUInt32BE(0x47_1f_ff_10);
  return Buffer.concat(Array.from({ length: packets }, () => packet));
}

/** The smallest of each format that its first bytes tell. */
export const samples = {
  wav: () => makeWav(2),
  mp3: () => makeMp3(),
  mp4: () => makeMp4('isom'),
  m4a: () => makeMp4('M4A '),
  mov: () => makeMp4('qt  '),
  flac: () => Buffer.concat([Buffer.from('fLaC\0\0\0\x22'), Buffer.alloc(200)]),
  amr: () => Buffer.concat([Buffer.from('#!AMR\n'), Buffer.alloc(200, 4)]),
  ogg: () => Buffer.concat([Buffer.from('OggS\0\x02'), Buffer.alloc(22), Buffer.from('OpusHead'), Buffer.alloc(200)]),
  ts: () => makeTransportStream(),
} satisfies Record<string, () => Buffer>;
