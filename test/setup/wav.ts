/** A WAV file of so many seconds: 8 kHz, mono, 8 bit; silent but for a mark by which files of one length differ. */
export function makeWav(seconds: number, mark?: number): Buffer<ArrayBuffer> {
  const dataBytes = Math.round(seconds * 8000);
  const file = Buffer.alloc(44 + dataBytes, 128);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + dataBytes, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(8000, 24);
  file.writeUInt32LE(8000, 28);
  file.writeUInt16LE(1, 32);
  file.writeUInt16LE(8, 34);
  file.write('data', 36);
  file.writeUInt32LE(dataBytes, 40);
  if (mark !== undefined) file.writeUInt32LE(mark, 44);
  return file;
}
