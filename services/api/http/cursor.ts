import { WeirError } from '../../../shared/errors/weir-error.ts';

/** Cursors are opaque to clients, so that what is in them may change: base64url of a whole number from 1. */
export function encodeCursor(value: number): string {
  return Buffer.from(String(value)).toString('base64url');
}

const WHOLE_NUMBER = /^[1-9][0-9]{0,15}$/;

/** Throws WeirError `invalid_cursor` for anything {@link encodeCursor} cannot have made. */
export function decodeCursor(cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const value = Number(text);
  if (!WHOLE_NUMBER.test(text) || !Number.isSafeInteger(value) || encodeCursor(value) !== cursor) {
    throw new WeirError('invalid_cursor');
  }
  return value;
}
