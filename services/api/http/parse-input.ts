import type { z } from 'zod';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import { fieldErrors, plainWords } from '../../../shared/wording/field-errors.ts';

/**
 * The value as the schema reads it. Throws WeirError `validation_failed` naming every field. Sentences are made in a
 * second parse, which only faulty input pays for.
 */
export function parseInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const explained = schema.safeParse(value, { error: plainWords });
  throw new WeirError('validation_failed', { errors: fieldErrors((explained.error ?? parsed.error).issues) });
}
