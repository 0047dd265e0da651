import type { OwnAnswer } from '../../support/nginx/problem-of.ts';
import { rawAnswer } from '../../support/nginx/raw-answer.ts';
import type { HostileRequest, Sender } from './hostile-request.ts';
import { KNOWN_IDS, type KnownId } from './json-of-schema.ts';

/** What a request of the fuzz stands for in the cluster at hand. */
export interface Cast {
  ids: Record<KnownId, string>;
  /** Values of `Authorization`; '': none. */
  authorization: Record<Sender, string>;
}

/** Longest wait for an answer (ms): far beyond what the API takes, on a busy machine. */
export const ANSWER_WITHIN_MS = 15_000;

/** Sends it on a connection of its own and as it is: no client in between that would mend it. */
export async function send(url: string, request: HostileRequest, cast: Cast): Promise<OwnAnswer | null> {
  return rawAnswer(url, bytesOf(request, cast), { withinMs: ANSWER_WITHIN_MS });
}

function bytesOf({ method, target, headers, body, sender }: HostileRequest, cast: Cast): Buffer {
  const content = body && Buffer.from(withIds(body.toString('latin1'), cast), 'latin1');
  const authorization = cast.authorization[sender];
  const lines = [
    `${method} ${withIds(target, cast)} HTTP/1.1`,
    'Host: weir.test',
    'Connection: close',
    ...(authorization === '' ? [] : [`Authorization: ${authorization}`]),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(content === null ? [] : [`Content-Length: ${content.length}`]),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), content ?? Buffer.alloc(0)]);
}

/** Puts the ids of the cluster in the place of their names. */
export function withIds(text: string, { ids }: Cast): string {
  return KNOWN_IDS.reduce((done, name) => done.replaceAll(name, ids[name]), text);
}
