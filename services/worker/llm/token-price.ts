import type { TokenUsage } from './provider.ts';

/** What a provider asks, in US dollars per million tokens. */
export interface TokenPrice {
  input: number;
  output: number;
}

/** A tenth of a cent of a cent: finer than any bill, and without the noise of binary fractions. */
const DECIMALS = 9;

/** US dollars; null: not known, because the provider did not say what it used or has no price. */
export function costOf(usage: TokenUsage | null, price: TokenPrice): number | null {
  if (usage === null || (price.input === 0 && price.output === 0)) return null;
  const cost = (usage.inputTokens * price.input + usage.outputTokens * price.output) / 1_000_000;
  return Number(cost.toFixed(DECIMALS));
}
