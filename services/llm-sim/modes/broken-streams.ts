import type { Exchange } from '../exchange.ts';
import { ok } from './healthy.ts';

/** Streams break in the middle; an answer in one piece is cut the same way: the connection ends. */
async function beginOrCut(exchange: Exchange, to: number): Promise<boolean> {
  if (!exchange.streaming) {
    exchange.cutConnection();
    return false;
  }
  exchange.openStream();
  await exchange.pause(exchange.speed.first_token_ms);
  await exchange.sendTokens(0, to);
  return true;
}

const twoThirds = (exchange: Exchange) => Math.floor((exchange.tokens.length * 2) / 3);
const oneThird = (exchange: Exchange) => Math.floor(exchange.tokens.length / 3);

/** TCP reset before any header. */
export async function reset(exchange: Exchange): Promise<void> {
  exchange.resetConnection();
}

/** Takes the request and never answers. */
export async function silent(exchange: Exchange): Promise<void> {
  await exchange.untilGone();
}

/** The connection closes after two thirds of the tokens: 40 of 60. */
export async function cut(exchange: Exchange): Promise<void> {
  if (await beginOrCut(exchange, twoThirds(exchange))) exchange.cutConnection();
}

/** After a third of the tokens only keep-alive comments for `stall_ms`, then the rest. */
export async function stalled(exchange: Exchange): Promise<void> {
  const third = oneThird(exchange);
  if (!(await beginOrCut(exchange, third))) return;
  await keepAlive(exchange);
  await exchange.sendTokens(third);
  await exchange.sendFinish();
  await exchange.sendDone();
}

/** Only keep-alive comments for `stall_ms`, then the answer. */
export async function stalledBefore(exchange: Exchange): Promise<void> {
  if (!exchange.streaming) {
    await exchange.pause(exchange.settings.stall_ms);
    return ok(exchange);
  }
  exchange.openStream();
  await keepAlive(exchange);
  await exchange.sendTokens();
  await exchange.sendFinish();
  await exchange.sendDone();
}

/** A chunk in the middle that is not JSON; the rest follows as if nothing had happened. */
export async function malformed(exchange: Exchange): Promise<void> {
  const half = oneThird(exchange);
  if (!(await beginOrCut(exchange, half))) return;
  await exchange.write('data: {"choices":[{"delta":{"content":"oops\n\n');
  await exchange.sendTokens(half);
  await exchange.sendFinish();
  await exchange.sendDone();
}

/** All tokens and a polite end, but neither a finish reason nor [DONE]. */
export async function unfinished(exchange: Exchange): Promise<void> {
  if (await beginOrCut(exchange, exchange.tokens.length)) exchange.endStream();
}

/** [DONE] after two thirds of the tokens, without a finish reason. */
export async function unfinishedDone(exchange: Exchange): Promise<void> {
  if (await beginOrCut(exchange, twoThirds(exchange))) await exchange.sendDone();
}

/** An error object in the stream after a third of the tokens. */
export async function streamError(exchange: Exchange): Promise<void> {
  if (!(await beginOrCut(exchange, oneThird(exchange)))) return;
  await exchange.sendData({ error: { message: 'The model is overloaded.', type: 'server_error', code: null } });
  exchange.endStream();
}

/** The finish reason "content_filter" after a third of the tokens. */
export async function filteredMidway(exchange: Exchange): Promise<void> {
  if (!(await beginOrCut(exchange, oneThird(exchange)))) return;
  await exchange.sendFinish('content_filter');
  await exchange.sendDone();
}

/** Comments keep the connection open and say nothing about the model. */
async function keepAlive(exchange: Exchange): Promise<void> {
  const { stall_ms: stallMs, keep_alive_ms: everyMs } = exchange.settings;
  const end = performance.now() + stallMs;
  while (!exchange.signal.aborted && performance.now() < end) {
    await exchange.write(': keep-alive\n\n');
    await exchange.pause(Math.min(everyMs, Math.max(1, end - performance.now())));
  }
}
