import type { Payload } from '@temporalio/common';
import protobuf from 'protobufjs/light.js';

const payloadMessage = new protobuf.Type('Payload')
  .add(new protobuf.MapField('metadata', 1, 'string', 'bytes'))
  .add(new protobuf.Field('data', 2, 'bytes'));

/** A payload in the bytes of its protobuf message, `temporal.api.common.v1.Payload`. */
export function serializePayload({ metadata, data }: Payload): Uint8Array {
  return payloadMessage.encode({ metadata: metadata ?? {}, data: data ?? new Uint8Array() }).finish();
}

/** The inverse of `serializePayload`; throws for bytes that are no such message. */
export function deserializePayload(bytes: Uint8Array): Payload {
  return payloadMessage.toObject(payloadMessage.decode(bytes), { defaults: true });
}
