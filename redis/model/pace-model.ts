/** At elevated and above, starts may come in bursts of this much time's worth (ms), one at least. */
const BURST_MS = 200;
/** Tokens are counted in thousandths: `perSecond` of them accrue each ms, so all numbers stay whole. */
const WHOLE_TOKEN = 1_000;

/** The pace of starts at elevated and above: a bucket of tokens, full at first, one for each start. */
export class PaceModel {
  /** As it was left; null: not used yet. */
  bucket: { tokens: number; at: number } | null = null;

  /** Takes a token for each start wanted, as far as there are; answers how many. */
  take(now: number, perSecond: number, wanted: number): number {
    const full = Math.max(WHOLE_TOKEN, perSecond * BURST_MS);
    const accrued = this.bucket ? this.bucket.tokens + Math.max(0, now - this.bucket.at) * perSecond : full;
    const tokens = Math.min(full, accrued);
    const taken = Math.min(wanted, Math.floor(tokens / WHOLE_TOKEN));
    this.bucket = { tokens: tokens - taken * WHOLE_TOKEN, at: now };
    return taken;
  }

  /** Time (ms) until there is a token again. */
  nextIn(perSecond: number): number {
    const missing = WHOLE_TOKEN - (this.bucket?.tokens ?? WHOLE_TOKEN);
    return Math.ceil(Math.max(0, missing) / perSecond);
  }
}
