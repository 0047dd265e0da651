import type { Exchange } from './exchange.ts';

/** How the simulator behaves towards a request that is valid. */
export type Mode = (exchange: Exchange) => Promise<void>;

/** A healthy provider: the whole answer at the set speed, streamed or not. */
async function ok(exchange: Exchange): Promise<void> {
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

/** Every mode by name; a new fault is one function and one entry here. */
export const MODES = { ok } as const satisfies Record<string, Mode>;

export type ModeName = keyof typeof MODES;
export const MODE_NAMES = Object.keys(MODES) as [ModeName, ...ModeName[]];
