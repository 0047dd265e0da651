export type ParsedPayload = { kind: 'right'; value: Record<string, unknown> } | { kind: 'wrong'; why: string };

/** Reads a payload as a person types it; nothing at all is an empty object. */
export function parsePayload(text: string): ParsedPayload {
  if (text.trim() === '') return { kind: 'right', value: {} };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { kind: 'wrong', why: `This is not JSON: ${error instanceof Error ? error.message : error}` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { kind: 'wrong', why: 'A payload is an object, such as {"topic": "tides"}.' };
  return { kind: 'right', value: value as Record<string, unknown> };
}
