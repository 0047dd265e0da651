/** Bytes on a connection that are no proper request, or just about one. */
export interface BrokenHttp {
  what: string;
  bytes: Buffer;
  /** The sender closes its side after them, as nothing more will come. */
  cut: boolean;
}

const BODY = '{"workflow_id":"x"}';
const MANY = 3_000;

/** `authorization`: of somebody who may send requests. */
export function brokenHttp(authorization: string): BrokenHttp[] {
  const host = 'Host: weir.test\r\nConnection: close\r\n';
  const who = `Authorization: ${authorization}\r\n`;
  const json = 'Content-Type: application/json\r\n';
  const post = (headers: string, body = BODY) =>
    `POST /api/v1/trigger HTTP/1.1\r\n${host}${who}${json}${headers}\r\n${body}`;
  const get = (headers: string, target = '/api/v1/runs') => `GET ${target} HTTP/1.1\r\n${host}${who}${headers}\r\n`;
  const whole: Record<string, string> = {
    'two lengths': post('Content-Length: 19\r\nContent-Length: 20\r\n'),
    'the same length twice': post('Content-Length: 19\r\nContent-Length: 19\r\n'),
    'two lengths in one': post('Content-Length: 19, 19\r\n'),
    'length and chunks': post('Content-Length: 19\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    'a length below zero': post('Content-Length: -1\r\n'),
    'a length that is no number': post('Content-Length: 0x13\r\n'),
    'a length beyond every number': post(`Content-Length: ${'9'.repeat(40)}\r\n`),
    'a length of a terabyte': post('Content-Length: 1099511627776\r\n'),
    'a body without a length': post(''),
    'chunks of a kind nobody knows': post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'),
    'chunks hidden by a space': post('Transfer-Encoding : chunked\r\n', '0\r\n\r\n'),
    'chunks hidden by a tab': post('Transfer-Encoding:\tchunked\r\n', `13\r\n${BODY}\r\n0\r\n\r\n`),
    'a chunk whose size is no number': post('Transfer-Encoding: chunked\r\n', 'zz\r\nabc\r\n0\r\n\r\n'),
    'a chunk of a huge size': post('Transfer-Encoding: chunked\r\n', `${'F'.repeat(20)}\r\nabc\r\n0\r\n\r\n`),
    'chunks with long extensions': post(
      'Transfer-Encoding: chunked\r\n',
      `13;${'x'.repeat(20_000)}\r\n${BODY}\r\n0\r\n\r\n`,
    ),
    'chunks of a byte each': post(
      'Transfer-Encoding: chunked\r\n',
      `${[...BODY].map((c) => `1\r\n${c}\r\n`).join('')}0\r\n\r\n`,
    ),
    'trailers that are headers': post(
      'Transfer-Encoding: chunked\r\n',
      `13\r\n${BODY}\r\n0\r\nAuthorization: x\r\nContent-Length: 5\r\n\r\n`,
    ),
    'two hosts': `GET / HTTP/1.1\r\nHost: a\r\n${host}\r\n`,
    'no host': 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n',
    'an empty host': 'GET /status/feed.rss HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n',
    'a host that is none': 'GET /status/feed.rss HTTP/1.1\r\nHost: a b/<x>@"\r\nConnection: close\r\n\r\n',
    'two tokens': get('Authorization: Bearer x\r\n'),
    'two content types': post('Content-Type: text/plain\r\nContent-Length: 19\r\n'),
    'two keys': post('Idempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Length: 19\r\n'),
    'two correlation ids': get('X-Correlation-Id: a\r\nX-Correlation-Id: b\r\n'),
    'a header without a name': get(': x\r\n'),
    'a header without a colon': get('nonsense\r\n'),
    'a header with a space in its name': get('X Y: z\r\n'),
    'a header over two lines': get('X-Long: a\r\n b\r\n'),
    'NUL in a header': get('X-Zero: a\0b\r\n'),
    'a lone line feed': get('X-A: b\nX-B: c\r\n'),
    'a lone carriage return': get('X-A: b\rX-B: c\r\n'),
    'many headers': get(Array.from({ length: MANY }, (_, n) => `X-${n}: y\r\n`).join('')),
    'one huge header': get(`X-Large: ${'x'.repeat(40_000)}\r\n`),
    'a huge address': get('', `/${'x'.repeat(40_000)}`),
    'a huge query': get('', `/api/v1/runs?cursor=${'x'.repeat(12_000)}`),
    'bad percent-encoding': get('', '/api/v1/runs/%zz%'),
    'bytes above 127 in the address': get('', '/api/v1/runs/\xff\xfe\xc3\x28'),
    'NUL in the address': get('', '/api/v1/runs/\0'),
    'another server in the address': get('', 'http://evil.example/api/v1/runs'),
    'no slash before the address': get('', 'api/v1/runs'),
    'two slashes before the address': get('', '//evil.example/../status'),
    'a fragment in the address': get('', '/api/v1/runs#x'),
    'the asterisk': `OPTIONS * HTTP/1.1\r\n${host}\r\n`,
    'a method nobody knows': `WEIR / HTTP/1.1\r\n${host}\r\n`,
    'a method in small letters': `get / HTTP/1.1\r\n${host}\r\n`,
    TRACE: `TRACE / HTTP/1.1\r\n${host}\r\n`,
    CONNECT: `CONNECT weir.test:443 HTTP/1.1\r\n${host}\r\n`,
    'a version to come': `GET / HTTP/3.0\r\n${host}\r\n`,
    'a version of the past': 'GET / HTTP/1.0\r\n\r\n',
    'no version': 'GET /\r\n\r\n',
    'HTTP/2 without asking': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'TLS to a plain door': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'an expectation that can be met': post('Expect: 100-continue\r\nContent-Length: 19\r\n'),
    'an expectation that cannot': post('Expect: a-miracle\r\nContent-Length: 19\r\n'),
    'another protocol': get('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n'),
    'a socket without its headers': `GET /ws HTTP/1.1\r\nHost: weir.test\r\n${who}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    'a socket with a wrong key': socket(`${who}Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n`),
    'a socket of another version': socket(
      `${who}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 99\r\n`,
    ),
    'a socket by POST': socket(
      `${who}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nContent-Length: 0\r\n`,
    ).replace('GET', 'POST'),
    'a socket with broken extensions': socket(
      `${who}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: ;;=\r\n`,
    ),
    'a socket with broken protocols': socket(
      `${who}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: a,,a\r\n`,
    ),
    'a socket elsewhere': socket(
      `${who}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n`,
      '/api/v1/runs',
    ),
    'a socket with a token in the address': socket(
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n',
      '/ws?token=x',
    ),
    'a socket with an odd offset': socket(
      `${who}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n`,
      '/ws?epoch=%00&offset=1e9&offset=-1',
    ),
    'a socket without a token': socket('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n'),
    'a socket with a ticket of nobody': socket(
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n',
      `/ws?ticket=${'x'.repeat(5_000)}`,
    ),
    'no socket at its address': get('', '/ws'),
  };
  const ended: Record<string, string> = {
    'half a request line': 'GET /api/v1/ru',
    'half the headers': `GET / HTTP/1.1\r\n${host}Auth`,
    'half the body': post('Content-Length: 1000\r\n'),
    'half a chunk': post('Transfer-Encoding: chunked\r\n', 'ff\r\nabc'),
    'no end of the chunks': post('Transfer-Encoding: chunked\r\n', `13\r\n${BODY}\r\n`),
    'nothing at all': '',
    'only line ends': '\r\n\r\n\r\n',
  };
  return [
    ...Object.entries(whole).map(([what, text]) => ({ what, bytes: Buffer.from(text, 'latin1'), cut: false })),
    ...Object.entries(ended).map(([what, text]) => ({ what, bytes: Buffer.from(text, 'latin1'), cut: true })),
  ];
}

function socket(headers: string, target = '/ws'): string {
  return `GET ${target} HTTP/1.1\r\nHost: weir.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${headers}\r\n`;
}
