import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { StepFailure } from '../steps/step-failure.ts';

/** Largest answer that is read (bytes); the rest is not waited for. */
export const MAX_ANSWER_BYTES = 65_536;

export interface PinnedRequest {
  url: URL;
  method: string;
  headers: Record<string, string>;
  body: string | null;
  /** Where the connection may go; see resolveHost. */
  addresses: readonly LookupAddress[];
}

export interface WebhookAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/**
 * One HTTP exchange on a connection of its own to a checked address. Redirects are answers like any other: following one
 * would undo the check. Rejects with the network's error, the signal's, or `StepFailure` for an answer that is too large.
 */
export async function sendPinned(pinned: PinnedRequest, signal: AbortSignal): Promise<WebhookAnswer> {
  const send = pinned.url.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = send(pinned.url, {
    method: pinned.method,
    headers: pinned.headers,
    // A pooled connection could be one to an address checked for another host.
    agent: false,
    lookup: pinnedLookup(pinned.addresses),
    signal,
  });
  request.end(pinned.body ?? undefined);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  // An error of the socket after the answer has begun reaches both; the reader of the answer reports it.
  request.on('error', () => undefined);
  return { status: response.statusCode ?? 0, headers: response.headers, text: await readText(response) };
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Leaving the loop destroys the response and its socket.
    if (size > MAX_ANSWER_BYTES)
      throw new StepFailure('webhook_answer', `The answer is larger than ${MAX_ANSWER_BYTES / 1_024} KiB.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function pinnedLookup(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all === true || first === undefined) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
}
