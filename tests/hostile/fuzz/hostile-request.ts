import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { hostileJson } from './hostile-json.ts';
import { type JsonSchema, jsonOf, type Resolve, textOf } from './json-of-schema.ts';
import type { Operation, Parameter } from './operations.ts';

/** Who sends it; `forged` and `garbage` have tokens that are none. */
export type Sender = 'member' | 'stranger' | 'admin' | 'nobody' | 'forged' | 'garbage';

/** A request that is well-formed HTTP; what it says may be anything. */
export interface HostileRequest {
  operation: Operation;
  method: string;
  /** With the query. Bytes as latin-1, as they go out. */
  target: string;
  headers: Array<[string, string]>;
  body: Buffer | null;
  sender: Sender;
  [fc.toStringMethod]: (this: HostileRequest) => string;
}

const METHODS = ['HEAD', 'OPTIONS', 'PUT', 'DELETE', 'GET', 'POST', 'PATCH', 'PROPFIND', 'SUBSCRIBE', 'M-SEARCH'];
/** Parts of an address that are no text, or more than one. */
const ODD_PARTS = [
  '%',
  '%zz',
  '%00',
  '%ff%fe',
  '%c0%ae',
  '..',
  '.',
  '%2e%2e%2f',
  'a%2fb',
  '%0d%0aX-Injected:1',
  '%F0%9F%9A%80',
];
const ODD_PARTS_LONG = ['x'.repeat(3_000), '9'.repeat(400), `${'%41'.repeat(2_000)}`];
const ODD_QUERIES = [
  '',
  '=',
  '&&&',
  '%',
  'limit=%zz',
  'limit[]=1',
  'limit[$gt]=1',
  '__proto__[polluted]=1',
  'constructor.prototype.polluted=1',
];
const TYPES = [
  'application/json; charset=utf-8',
  'application/json; charset=utf-16',
  'application/json;charset="utf-8"',
  'text/plain',
  'application/xml',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  'application/json, text/html',
  '',
  'a'.repeat(2_000),
];
const ODD_HEADERS: Array<[string, string]> = [
  ['X-Correlation-Id', 'a b\tc'],
  ['X-Correlation-Id', '"},{"level":"error","message":"forged'],
  ['X-Correlation-Id', 'x'.repeat(129)],
  ['Idempotency-Key', ''],
  ['Idempotency-Key', 'x'.repeat(201)],
  ['Idempotency-Key', '\xff\xfe'],
  ['Idempotency-Key', 'same'],
  ['traceparent', '00-00000000000000000000000000000000-0000000000000000-00'],
  ['traceparent', 'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra'],
  ['tracestate', 'a='.repeat(600)],
  ['X-Forwarded-For', "'; DROP TABLE runs; --"],
  ['X-Forwarded-Host', 'evil.example'],
  ['X-Forwarded-Proto', 'javascript'],
  ['X-HTTP-Method-Override', 'DELETE'],
  ['Accept', 'image/png;q=2'],
  ['Accept-Encoding', 'gzip, br, x'],
  ['Range', 'bytes=0-,-1'],
  ['If-None-Match', '*'],
  ['Cookie', '__proto__=1; ='],
  ['Expect', '100-continue'],
  ['Content-Encoding', 'gzip'],
  ['Content-Encoding', 'identity'],
  ['Content-Encoding', 'br, gzip'],
  ['Upgrade', 'h2c'],
  ['__proto__', 'polluted'],
];

/** Requests of all kinds to `operation`, most of which get past the first check. */
export function hostileRequest(
  operation: Operation,
  resolve: Resolve,
  senders: Sender[],
): fc.Arbitrary<HostileRequest> {
  const parts = {
    method: seldom(fc.constant(operation.method), fc.constantFrom(...METHODS)),
    target: targetOf(operation),
    type: seldom(fc.constant('application/json'), fc.constantFrom(...TYPES)),
    extra: fc.array(fc.constantFrom(...ODD_HEADERS), { maxLength: 2 }),
    key: operation.parameters.some(({ name }) => name === 'Idempotency-Key')
      ? fc.option(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 40 }), { nil: null })
      : fc.constant(null),
    body: bodyOf(operation.body, resolve),
    sender: fc.constantFrom(...senders),
  };
  return fc.record(parts).map(({ method, target, type, extra, key, body, sender }) => {
    const headers: HostileRequest['headers'] = extra.map(([name, value]) => [name, value]);
    if (body !== null && type !== '') headers.push(['Content-Type', type]);
    if (key !== null) headers.push(['Idempotency-Key', key]);
    return { operation, method, target, headers, body, sender, [fc.toStringMethod]: describe };
  });
}

/** For the report of a failure. */
function describe(this: HostileRequest): string {
  const { method, target, headers, body, sender } = this;
  const content = body === null ? 'no body' : JSON.stringify(body.toString('latin1').slice(0, 2_000));
  return `${sender}: ${method} ${target} ${JSON.stringify(headers)} ${content}`;
}

function targetOf({ path, parameters }: Operation): fc.Arbitrary<string> {
  const pathParts = path.split('/').map((part) => {
    const parameter = parameters.find(({ in: place, name }) => place === 'path' && part === `{${name}}`);
    return parameter === undefined ? fc.constant(part) : partOf(parameter);
  });
  const pairs = parameters
    .filter(({ in: place }) => place === 'query')
    .map((parameter) =>
      fc.tuple(fc.integer({ min: 0, max: 3 }), partOf(parameter)).map(([times, value]) =>
        // Now and then left out, now and then twice.
        Array.from({ length: [0, 1, 1, 2][times] ?? 1 }, () => `${parameter.name}=${value}`),
      ),
    );
  const query = seldom(
    fc.tuple(...pairs).map((all) => all.flat().join('&')),
    fc.constantFrom(...ODD_QUERIES),
  );
  return fc
    .tuple(
      seldom(
        fc.tuple(...pathParts).map((all) => all.join('/')),
        fc.constantFrom(`${path}/`, `/${path}`, path.toUpperCase()),
      ),
      query,
    )
    .map(([where, what]) => (what === '' ? where : `${where}?${what}`));
}

function partOf({ schema }: Parameter): fc.Arbitrary<string> {
  const sound = schema.type === 'integer' ? fc.integer({ min: 0, max: 120 }).map(String) : textOf(schema);
  return fc.oneof(
    // Ids that are filled in later have a dollar; it may stand in an address as it is.
    { weight: 8, arbitrary: sound.map((text) => encodeURIComponent(text).replace('%24', '$')) },
    { weight: 2, arbitrary: fc.constantFrom(...ODD_PARTS) },
    { weight: 1, arbitrary: fc.constantFrom(...ODD_PARTS_LONG) },
    {
      weight: 1,
      arbitrary: fc.string({ unit: 'binary', maxLength: 30 }).map((text) => encodeURIComponent(text)),
    },
  );
}

function bodyOf(schema: JsonSchema | null, resolve: Resolve): fc.Arbitrary<Buffer | null> {
  const text = schema === null ? hostileJson : jsonOf(schema, resolve);
  const bytes = text.map((json) => Buffer.from(json));
  const broken = fc
    .tuple(bytes, fc.nat(), fc.constantFrom('cut', 'utf8', 'utf16', 'gzip', 'bom'))
    .map(([whole, at, how]) => {
      const place = at % (whole.length + 1);
      if (how === 'cut') return whole.subarray(0, place);
      if (how === 'utf16') return Buffer.from(whole.toString(), 'utf16le');
      if (how === 'gzip') return gzipSync(whole);
      if (how === 'bom') return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), whole]);
      return Buffer.concat([
        whole.subarray(0, place),
        Buffer.from([0xc3, 0x28, 0xed, 0xa0, 0x80]),
        whole.subarray(place),
      ]);
    });
  const none = fc.constant(null);
  if (schema === null) return fc.oneof({ weight: 9, arbitrary: none }, { weight: 1, arbitrary: bytes });
  return fc.oneof({ weight: 12, arbitrary: bytes }, { weight: 2, arbitrary: broken }, { weight: 1, arbitrary: none });
}

/** `rare` once in a while. */
function seldom<T>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: rare });
}
