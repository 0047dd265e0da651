import type { FieldError } from '../../../shared/errors/weir-error.ts';
import { MAX_PAYLOAD_DEPTH } from '../../../shared/protocol/http.ts';

/** A body is the object around a payload, hence one more. */
const MAX_DEPTH = MAX_PAYLOAD_DEPTH + 1;

/** Longest path shown; keys are the sender's and may be long (characters). */
const MAX_PATH_LENGTH = 200;

interface Fault {
  /** From the inside out. */
  path: Array<string | number>;
  message: string;
}

/**
 * The first thing in a parsed JSON value that must not go further, or null:
 * - nesting beyond the limit (whatever walks it later may recurse),
 * - keys that reach a prototype when somebody merges objects later,
 * - numbers that JavaScript reads as Infinity and would write as null,
 * - with `escapes` (the text has `\u` in it) characters Postgres cannot store in jsonb: NUL and lone surrogates. One of
 *   them would fail the whole INSERT, and with it the other requests of the batch.
 *
 * Without escapes no such character can occur, as the body was valid UTF-8 and JSON has no raw control characters.
 */
export function jsonFault(value: unknown, escapes: boolean): FieldError | null {
  const fault = faultOf(value, 0, escapes);
  if (fault === null) return null;
  const path = fault.path.reverse().join('.');
  return { path: path.length > MAX_PATH_LENGTH ? `${path.slice(0, MAX_PATH_LENGTH)}…` : path, message: fault.message };
}

function faultOf(value: unknown, depth: number, escapes: boolean): Fault | null {
  if (typeof value === 'string') return escapes && !storable(value) ? { path: [], message: UNSTORABLE } : null;
  if (typeof value === 'number')
    return Number.isFinite(value) ? null : { path: [], message: 'This number is too large.' };
  if (typeof value !== 'object' || value === null) return null;
  if (depth >= MAX_DEPTH) return { path: [], message: `Nested deeper than ${MAX_PAYLOAD_DEPTH} levels.` };
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const fault = faultOf(value[index], depth + 1, escapes);
      if (fault !== null) return within(fault, index);
    }
    return null;
  }
  for (const key in value) {
    const inner = (value as Record<string, unknown>)[key];
    const fault = keyFault(key, inner, escapes) ?? faultOf(inner, depth + 1, escapes);
    if (fault !== null) return within(fault, key);
  }
  return null;
}

const UNSTORABLE = 'Contains a character that cannot be stored (NUL or half of a surrogate pair).';

/** `constructor` alone is an ordinary word; only together with `prototype` does it lead anywhere (as fastify's parser has it). */
function keyFault(key: string, inner: unknown, escapes: boolean): Fault | null {
  const reachesPrototype =
    key === '__proto__' ||
    (key === 'constructor' && typeof inner === 'object' && inner !== null && Object.hasOwn(inner, 'prototype'));
  if (reachesPrototype) return { path: [], message: 'This name is not allowed.' };
  return escapes && !storable(key) ? { path: [], message: UNSTORABLE } : null;
}

const LONE_SURROGATE_OR_NUL = /\0|\p{Surrogate}/u;

function storable(text: string): boolean {
  return !LONE_SURROGATE_OR_NUL.test(text);
}

function within(fault: Fault, key: string | number): Fault {
  fault.path.push(key);
  return fault;
}
