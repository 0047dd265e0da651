import { request } from 'node:http';

export interface HttpAnswer {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  text: string;
  /** Parsed, when the answer is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes, and say what they expect
  body: any;
}

export interface HttpCall {
  token?: string;
  /** Becomes JSON; `raw` goes as it is. */
  body?: unknown;
  raw?: string | Buffer;
  headers?: Record<string, string>;
}

export type HttpClient = (method: string, path: string, call?: HttpCall) => Promise<HttpAnswer>;

/** Real HTTP over a connection per call: nothing stays open that a stopping server would have to wait for. */
export function httpClient(baseUrl: string): HttpClient {
  return (method, path, { token, body, raw, headers = {} } = {}) =>
    new Promise((resolve, reject) => {
      const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
      const outgoing = request(
        `${baseUrl}${path}`,
        {
          method,
          agent: false,
          headers: {
            ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
            ...(content === undefined ? {} : { 'Content-Type': 'application/json' }),
            ...(content === undefined || headers['Transfer-Encoding'] !== undefined
              ? {}
              : { 'Content-Length': String(Buffer.byteLength(content)) }),
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            const isJson = /[/+]json/.test(response.headers['content-type'] ?? '');
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers as Record<string, string>,
              text,
              body: isJson && text !== '' ? JSON.parse(text) : undefined,
            });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(content);
    });
}
