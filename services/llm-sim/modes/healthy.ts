import type { Exchange } from '../exchange.ts';

/** The whole answer at the set speed, streamed or not. */
export async function ok(exchange: Exchange): Promise<void> {
  if (!exchange.streaming) {
    await exchange.pause(exchange.speed.first_token_ms + exchange.durationMs);
    return exchange.sendWhole();
  }
  exchange.openStream();
  await exchange.pause(exchange.speed.first_token_ms);
  await exchange.sendTokens();
  await exchange.sendFinish();
  await exchange.sendDone();
}

/** The first token comes only after `slow_ms`. */
export async function slow(exchange: Exchange): Promise<void> {
  if (exchange.streaming) exchange.openStream();
  await exchange.pause(exchange.settings.slow_ms);
  if (!exchange.streaming) return exchange.sendWhole();
  await exchange.sendTokens();
  await exchange.sendFinish();
  await exchange.sendDone();
}
