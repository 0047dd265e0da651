import type { IncomingMessage } from 'node:http';
import { WeirError } from '../../../shared/errors/weir-error.ts';

/** What an upgrade request asks for, before anything of it is trusted. */
export interface Handshake {
  /** The `Authorization` header; undefined: none. */
  authorization: string | undefined;
  ticket: string | undefined;
  resume: { epoch: string; offset: number } | null;
}

const PATH = '/ws';
const EPOCH = /^[A-Za-z0-9_-]{1,64}$/;
const OFFSET = /^\d{1,15}$/;

/** Names under which clients are known to put a token into a URL, where proxies, logs and histories keep it. */
const TOKEN_NAMES = ['token', 'access_token', 'auth', 'authorization', 'bearer', 'jwt', 'id_token'];

/** Reads path and query; throws WeirError `not_found`, `unauthenticated` (a token in the URL) or `validation_failed`. */
export function readHandshake(request: IncomingMessage): Handshake {
  const [path, search = ''] = (request.url ?? '').split('?', 2);
  if (path !== PATH) throw new WeirError('not_found');
  const query = new URLSearchParams(search);
  if (TOKEN_NAMES.some((name) => query.has(name))) {
    throw new WeirError('unauthenticated', {
      detail: 'A token must not stand in a URL. Send it in the "Authorization" header, or fetch a ticket.',
    });
  }
  return {
    authorization: request.headers.authorization,
    ticket: query.get('ticket') ?? undefined,
    resume: readResume(query),
  };
}

function readResume(query: URLSearchParams): Handshake['resume'] {
  const epochs = query.getAll('epoch');
  const offsets = query.getAll('offset');
  if (epochs.length === 0 && offsets.length === 0) return null;
  const errors = [
    ...(epochs.length === 1 && EPOCH.test(epochs[0] ?? '')
      ? []
      : [{ path: 'epoch', message: 'Send the epoch of the last frame, together with its offset.' }]),
    ...(offsets.length === 1 && OFFSET.test(offsets[0] ?? '')
      ? []
      : [{ path: 'offset', message: 'Send the offset of the last frame as a whole number, together with its epoch.' }]),
  ];
  if (errors.length > 0) throw new WeirError('validation_failed', { errors });
  return { epoch: epochs[0] ?? '', offset: Number(offsets[0]) };
}
