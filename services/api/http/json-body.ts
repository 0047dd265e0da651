import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import { MAX_BODY_BYTES } from '../../../shared/protocol/http.ts';
import { jsonFault } from './json-value.ts';

const JSON_TYPE = /^application\/json[ \t]*(;[ \t]*charset=("?)utf-8\2[ \t]*)?$/i;

/** The client hung up in the middle of its body; there is nobody to answer. */
export class RequestAborted extends Error {}

/**
 * Reads a JSON body of at most {@link MAX_BODY_BYTES}. Throws WeirError `unsupported_media_type`, `body_too_large`,
 * `malformed_json` or `validation_failed` (see {@link jsonFault}), or {@link RequestAborted}.
 *
 * Instead of express.json, which inflates and converts character sets, and would have to be followed by the walk anyway.
 */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const { 'content-type': type, 'content-encoding': encoding } = request.headers;
  if (type !== 'application/json' && !JSON_TYPE.test(type ?? '')) throw new WeirError('unsupported_media_type');
  if (encoding !== undefined && encoding !== 'identity') {
    throw new WeirError('unsupported_media_type', { detail: 'Send the body without Content-Encoding.' });
  }
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw new WeirError('body_too_large');
  const bytes = await readBytes(request);
  if (bytes.length === 0)
    throw new WeirError('malformed_json', { detail: 'A JSON body is needed, and none was sent.' });
  if (!isUtf8(bytes)) throw new WeirError('malformed_json', { detail: 'The body is not valid UTF-8.' });
  const text = bytes.toString('utf8');
  const value = parse(text);
  const fault = jsonFault(value, text.includes('\\u'));
  if (fault !== null) throw new WeirError('validation_failed', { errors: [fault] });
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not even as the cause, for the log: the error quotes what was sent, and a definition may hold a password.
    throw new WeirError('malformed_json', { logDetail: `${text.length} characters that are not JSON` });
  }
}

function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (finish: () => void) => {
      request.off('data', onData).off('end', onEnd).off('error', onLost).off('close', onLost);
      finish();
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > MAX_BODY_BYTES) settle(() => reject(new WeirError('body_too_large')));
    };
    const onEnd = () =>
      settle(() => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)));
    const onLost = () => settle(() => reject(new RequestAborted('the client closed the connection while sending')));
    request.on('data', onData).on('end', onEnd).on('error', onLost).on('close', onLost);
  });
}
