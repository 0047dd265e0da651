import { randomFillSync } from 'node:crypto';

/** Random bytes for this many ids are drawn at once; one draw per id costs more than the rest of the request's crypto. */
const DRAW = 512;
/** Hexadecimal digits of an id's share: ten bytes. */
const DIGITS = 20;

const bytes = Buffer.alloc((DRAW * DIGITS) / 2);
let drawn = '';
let used = DRAW;

/** The part of the id that all ids of one millisecond have in common. */
let prefix = '';
let prefixOf = Number.NaN;

/**
 * A UUID of version 7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, 74 random ones. Ids made together are neighbours in
 * the primary key, which keeps the index pages of a busy table few and warm. Nothing relies on the time in it.
 */
export function newRunId(now: number = Date.now()): string {
  if (used === DRAW) {
    drawn = randomFillSync(bytes).toString('hex');
    used = 0;
  }
  if (now !== prefixOf) {
    const time = now.toString(16).padStart(12, '0');
    prefix = `${time.slice(0, 8)}-${time.slice(8)}-7`;
    prefixOf = now;
  }
  const at = DIGITS * used;
  used += 1;
  // The variant's two bits are 10, so the first digit of the fourth group is 8, 9, a or b.
  const variant = '89ab'[Number.parseInt(drawn.charAt(at + 3), 16) & 3];
  return `${prefix}${drawn.slice(at, at + 3)}-${variant}${drawn.slice(at + 4, at + 7)}-${drawn.slice(at + 8, at + 20)}`;
}
