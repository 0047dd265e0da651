/**
 * The `traceparent` of W3C Trace Context: `00-<trace id>-<span id>-<flags>`, lower-case hexadecimal, ids not all zeros. Later versions may
 * have more behind it, which is ignored.
 */
const TRACE_PARENT = /^(?!ff|00.{54})[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;

/** Where the lower half of the flags is, and what it is with the lowest bit. */
const FLAG_AT = 54;
const SAMPLED_FLAG = '13579bdf';

export interface TraceParent {
  traceId: string;
  spanId: string;
  /** The caller has recorded this trace. */
  sampled: boolean;
}

/** Reads a header as it came; null: there is none, or it is not valid, which is as good as none (W3C Trace Context, 4.3). */
export function readTraceParent(header: unknown): TraceParent | null {
  if (typeof header !== 'string' || !TRACE_PARENT.test(header)) return null;
  return { traceId: header.slice(3, 35), spanId: header.slice(36, 52), sampled: isSampled(header) };
}

/** The same, but null also for what its writer has not recorded. Nine of ten are told apart by their flag, without the rest being read. */
export function readSampledParent(header: unknown): TraceParent | null {
  return typeof header === 'string' && isSampled(header) ? readTraceParent(header) : null;
}

function isSampled(header: string): boolean {
  return SAMPLED_FLAG.includes(header.charAt(FLAG_AT));
}

export function writeTraceParent({ traceId, spanId, sampled }: TraceParent): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
