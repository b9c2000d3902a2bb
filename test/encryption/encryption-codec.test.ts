import { randomBytes } from 'node:crypto';
import type { Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { EncryptionCodec } from '../../src/encryption/encryption-codec.ts';
import { parseEncryptionKeys } from '../../src/encryption/encryption-keys.ts';
import { serializePayload } from '../../src/encryption/payload-message.ts';

const makeKey = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const [a, b] = [makeKey('a'), makeKey('b')];
const codecOf = (...keys: string[]) => new EncryptionCodec(parseEncryptionKeys(keys.join(',')));

const payload: Payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"talk.wav"') };

function plain({ metadata, data }: Payload) {
  const fields = Object.entries(metadata ?? {}).map(([name, bytes]) => [name, Buffer.from(bytes).toString('hex')]);
  return {
    metadata: Object.fromEntries(fields) as Record<string, string>,
    data: Buffer.from(data ?? []).toString('hex'),
  };
}

async function sealed(codec: EncryptionCodec, what = payload): Promise<Payload> {
  const [first] = await codec.encode([what]);
  if (first === undefined) throw new Error('nothing came back');
  return first;
}

describe('the encryption codec', () => {
  it('gives back any payloads, in their order', async () => {
    const codec = codecOf(a);
    const bytes = fc.uint8Array({ maxLength: 300 });
    const anyPayload = fc.record({ metadata: fc.dictionary(fc.string(), bytes), data: bytes });
    await fc.assert(
      fc.asyncProperty(fc.array(anyPayload, { maxLength: 4 }), async (payloads) => {
        const decoded = await codec.decode(await codec.encode(payloads));
        expect(decoded.map(plain)).toEqual(payloads.map(plain));
      }),
    );
  });

  it('hides data and metadata, and names the key', async () => {
    const { metadata, data } = await sealed(codecOf(a, b));
    const shown = Object.fromEntries(Object.entries(metadata ?? {}).map(([name, bytes]) => [name, String(bytes)]));
    expect(shown).toEqual({ encoding: 'binary/encrypted', 'encryption-key-id': 'a' });
    expect(Buffer.from(data ?? []).toString('latin1')).not.toMatch(/talk|json/);
  });

  it('never uses a nonce twice', async () => {
    const codec = codecOf(a);
    const nonces = await Promise.all(
      Array.from({ length: 500 }, async () => plain(await sealed(codec)).data.slice(0, 24)),
    );
    expect(new Set(nonces).size).toBe(500);
  });

  it('wraps the bytes of the protobuf message that other SDKs read', () => {
    const message = proto.temporal.api.common.v1.Payload;
    expect(Buffer.from(serializePayload(payload))).toEqual(Buffer.from(message.encode(payload).finish()));
  });

  it('adds less than 200 bytes, so that a pending failure stays whole', async () => {
    const grown = (await sealed(codecOf(makeKey('k'.repeat(64))))).data?.length ?? 0;
    expect(grown - (payload.data?.length ?? 0)).toBeLessThan(200);
  });

  it('reads after a rotation what older keys have encrypted, and encrypts with the newest', async () => {
    const [before, after] = [codecOf(a), codecOf(b, a)];
    expect((await after.decode([await sealed(before), await sealed(after)])).map(plain)).toEqual(
      [payload, payload].map(plain),
    );
    await expect(before.decode([await sealed(after)])).rejects.toThrow(/key "b".*there are a\)/);
  });

  it('passes what was recorded before encryption was turned on', async () => {
    expect(await codecOf(a).decode([payload])).toEqual([payload]);
  });

  it('without keys encrypts nothing, and says which key is missing', async () => {
    const off = new EncryptionCodec([]);
    expect(off.encrypts).toBe(false);
    expect(await off.encode([payload])).toEqual([payload]);
    expect(await off.decode([payload])).toEqual([payload]);
    await expect(off.decode([await sealed(codecOf(a))])).rejects.toMatchObject({
      name: 'PayloadDecryptionError',
      message: expect.stringMatching(/key "a".*PROVIDER_JOBS_ENCRYPTION_KEYS \(no key is set\)/) as string,
    });
  });

  const flip = (data: Buffer, index: number) => data.fill((data.at(index) ?? 0) ^ 1, index, index + 1);

  test.each<[string, (data: Buffer) => Buffer]>([
    ['a changed nonce', (data) => flip(data, 0)],
    ['a changed byte', (data) => flip(data, 14)],
    ['a changed tag', (data) => flip(data, data.length - 1)],
    ['a tag that is cut', (data) => data.subarray(0, -4)],
    ['no data', () => Buffer.alloc(0)],
  ])('refuses %s', async (_what, change) => {
    const { metadata = null, data } = await sealed(codecOf(a));
    const changed = { metadata, data: change(Buffer.from(data ?? [])) };
    await expect(codecOf(a).decode([changed])).rejects.toMatchObject({ name: 'PayloadDecryptionError' });
  });

  it('refuses another key of the same name', async () => {
    await expect(codecOf(makeKey('a')).decode([await sealed(codecOf(a))])).rejects.toThrow(/"a" does not open with it/);
  });
});
