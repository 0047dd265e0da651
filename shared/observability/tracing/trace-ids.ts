/** Ids drawn at a time: a call per id takes four times as long. Each keeps the text it was cut from alive, so not too many. */
const DRAWN = 32;

/** A source of random ids of so many bytes (a multiple of four), as lower-case hexadecimal. For telling things apart, not for secrets. */
export function randomIds(bytes: number): () => string {
  const digits = 2 * bytes;
  const words = new Uint32Array((bytes * DRAWN) / 4);
  const drawn = Buffer.from(words.buffer);
  let text = '';
  let next = 0;
  return () => {
    if (next === text.length) {
      for (let n = 0; n < words.length; n++) words[n] = Math.random() * 2 ** 32;
      text = drawn.toString('hex');
      next = 0;
    }
    next += digits;
    return text.slice(next - digits, next);
  };
}

/** Where the random part of a trace id begins, and how many of its digits decide. */
const RANDOM_FROM = 18;
const DECIDE = 8;

/**
 * Whether a trace is in a sample of this ratio (0 to 1), by its id alone: the last 56 bits, which W3C Trace Context (level 2) wants random, against
 * a threshold, as OpenTelemetry's consistent probability sampling has it (of them the first 32 bits: a ratio is as fine as 2⁻³²).
 * The SDK's sampler takes 0.5 µs; this is asked by every request.
 */
export function sampleOf(ratio: number): (traceId: string) => boolean {
  const threshold = (1 - ratio) * 2 ** (4 * DECIDE);
  return (traceId) => {
    let random = 0;
    for (let at = RANDOM_FROM; at < RANDOM_FROM + DECIDE; at++) random = random * 16 + digit(traceId.charCodeAt(at));
    return random >= threshold;
  };
}

const ZERO = '0'.charCodeAt(0);
const NINE = '9'.charCodeAt(0);
const TEN = 'a'.charCodeAt(0) - 10;

/** Of a lower-case hexadecimal digit. */
function digit(code: number): number {
  return code > NINE ? code - TEN : code - ZERO;
}
