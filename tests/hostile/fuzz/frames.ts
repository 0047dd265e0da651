import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { z } from 'zod';
import { clientFrameSchema, MAX_CLIENT_FRAME_BYTES } from '../../../shared/protocol/events.ts';
import { hostileJson } from './hostile-json.ts';
import { type JsonSchema, jsonOf } from './json-of-schema.ts';

/** Bytes on an open socket. */
export interface HostileFrames {
  what: string;
  /** Ids as in {@link KNOWN_IDS}. */
  bytes: Buffer;
  /** The sender leaves in the middle of it. */
  cut: boolean;
}

interface Frame {
  opcode: number;
  payload: Buffer;
  /** Default: the last one of its message. */
  isLast?: boolean;
  masked?: boolean;
  /** RSV1 to RSV3. */
  reserved?: number;
  /** What the head says, if not the truth. */
  length?: bigint;
}

const [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10];
const LARGE = 65_536;

/** One frame of a client (RFC 6455, 5.2). */
function frame({ opcode, payload, isLast = true, masked = true, reserved = 0, length }: Frame): Buffer {
  const told = length ?? BigInt(payload.length);
  const short = told < 126n ? Number(told) : told < LARGE ? 126 : 127;
  const head = Buffer.from([(isLast ? 0x80 : 0) | (reserved << 4) | opcode, (masked ? 0x80 : 0) | short]);
  const long = Buffer.alloc(short === 126 ? 2 : short === 127 ? 8 : 0);
  if (short === 126) long.writeUInt16BE(Number(told));
  if (short === 127) long.writeBigUInt64BE(told);
  if (!masked) return Buffer.concat([head, long, payload]);
  const mask = randomBytes(4);
  return Buffer.concat([head, long, mask, payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0))]);
}

export const textFrame = (text: string): Buffer => frame({ opcode: TEXT, payload: Buffer.from(text) });

const UTF8_FAULTS = [
  Buffer.from([0xff]),
  Buffer.from([0xc3, 0x28]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0xf8, 0x88]),
];
const PLAIN = Buffer.from('{"type":"PING"}');

/** What breaks the rules of WebSocket itself. */
const BROKEN: Record<string, () => Buffer> = {
  'a frame without a mask': () => frame({ opcode: TEXT, payload: PLAIN, masked: false }),
  binary: () => frame({ opcode: BINARY, payload: randomBytes(100) }),
  'reserved bits': () => frame({ opcode: TEXT, payload: PLAIN, reserved: 4 }),
  'an opcode nobody knows': () => frame({ opcode: 3, payload: PLAIN }),
  'a control opcode nobody knows': () => frame({ opcode: 15, payload: PLAIN }),
  'a continuation of nothing': () => frame({ opcode: CONTINUATION, payload: PLAIN }),
  'a message inside a message': () =>
    Buffer.concat([frame({ opcode: TEXT, payload: PLAIN, isLast: false }), frame({ opcode: TEXT, payload: PLAIN })]),
  'a ping in pieces': () => frame({ opcode: PING, payload: PLAIN, isLast: false }),
  'a ping that is too long': () => frame({ opcode: PING, payload: Buffer.alloc(126) }),
  'a close of one byte': () => frame({ opcode: CLOSE, payload: Buffer.from([3]) }),
  'a close with a forbidden code': () => frame({ opcode: CLOSE, payload: Buffer.from([0x03, 0xed]) }),
  'a close with no text': () => frame({ opcode: CLOSE, payload: Buffer.from([0x03, 0xe8, 0xff, 0xfe]) }),
  'an empty close': () => frame({ opcode: CLOSE, payload: Buffer.alloc(0) }),
  'a frame that is too large': () => frame({ opcode: TEXT, payload: Buffer.alloc(MAX_CLIENT_FRAME_BYTES + 1, 'x') }),
  'a frame of an impossible length': () => frame({ opcode: TEXT, payload: PLAIN, length: 2n ** 63n }),
  'a frame beyond all numbers': () => frame({ opcode: TEXT, payload: PLAIN, length: 2n ** 60n }),
  'many pieces that are too large together': () =>
    Buffer.concat(
      Array.from({ length: 70 }, (_, n) =>
        frame({ opcode: n === 0 ? TEXT : CONTINUATION, payload: Buffer.alloc(1_000, 'x'), isLast: false }),
      ),
    ),
  'no WebSocket at all': () => Buffer.from('GET / HTTP/1.1\r\n\r\n'),
  'an empty text': () => textFrame(''),
};
for (const [n, fault] of UTF8_FAULTS.entries())
  BROKEN[`text that is no text, ${n}`] = () => frame({ opcode: TEXT, payload: Buffer.concat([PLAIN, fault]) });

/** What keeps to the rules, and is much, or odd. */
const ODD: Record<string, () => Buffer> = {
  'many pings': () =>
    Buffer.concat(Array.from({ length: 500 }, () => frame({ opcode: PING, payload: Buffer.alloc(125) }))),
  'pongs nobody asked for': () =>
    Buffer.concat(Array.from({ length: 500 }, () => frame({ opcode: PONG, payload: PLAIN }))),
  'a message of a byte each': () =>
    Buffer.concat(
      [...PLAIN].map((byte, n) =>
        frame({ opcode: n === 0 ? TEXT : CONTINUATION, payload: Buffer.from([byte]), isLast: n === PLAIN.length - 1 }),
      ),
    ),
  'a message with a ping inside': () =>
    Buffer.concat([
      frame({ opcode: TEXT, payload: PLAIN.subarray(0, 5), isLast: false }),
      frame({ opcode: PING, payload: Buffer.alloc(3) }),
      frame({ opcode: CONTINUATION, payload: PLAIN.subarray(5) }),
    ]),
  'empty pieces': () =>
    Buffer.concat([
      frame({ opcode: TEXT, payload: PLAIN, isLast: false }),
      ...Array.from({ length: 50 }, () => frame({ opcode: CONTINUATION, payload: Buffer.alloc(0), isLast: false })),
      frame({ opcode: CONTINUATION, payload: Buffer.alloc(0) }),
    ]),
  'many signs of life': () => Buffer.concat(Array.from({ length: 150 }, () => textFrame('{"type":"PING"}'))),
};

const schema = z.toJSONSchema(clientFrameSchema) as JsonSchema;
const noRefs = (ref: string): JsonSchema => {
  throw new Error(`frames refer to ${ref}`);
};

/** Frames of the protocol, near it, and against it. `ids` puts real ids in the place of their names. */
export function hostileFrames(ids: (text: string) => string): fc.Arbitrary<HostileFrames> {
  const words = fc
    .array(fc.oneof({ weight: 9, arbitrary: jsonOf(schema, noRefs) }, { weight: 1, arbitrary: hostileJson }), {
      minLength: 1,
      maxLength: 8,
    })
    .map((texts) => ({
      what: texts.map((text) => text.slice(0, 300)).join(' '),
      bytes: Buffer.concat(texts.map((text) => textFrame(ids(text)))),
      cut: false,
    }));
  const made = (table: Record<string, () => Buffer>) =>
    fc
      .constantFrom(...Object.keys(table))
      .map((what) => ({ what, bytes: table[what]?.() ?? Buffer.alloc(0), cut: false }));
  const whole = fc.oneof(
    { weight: 6, arbitrary: words },
    { weight: 3, arbitrary: made(BROKEN) },
    { weight: 1, arbitrary: made(ODD) },
  );
  const left = fc.tuple(whole, fc.nat()).map(([{ what, bytes }, at]) => {
    const length = at % bytes.length;
    return { what: `${length} bytes of: ${what}`, bytes: bytes.subarray(0, length), cut: true };
  });
  return fc.oneof({ weight: 8, arbitrary: whole }, { weight: 1, arbitrary: left });
}
