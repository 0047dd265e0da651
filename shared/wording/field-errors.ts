import type { z } from 'zod';
import type { FieldError } from '../errors/weir-error.ts';

/** Shown at most; a body with a thousand unknown keys gets no answer of a thousand lines. */
const MAX_ERRORS = 20;
const MAX_PATH_LENGTH = 200;

/** zod's issues as field errors: dotted paths, one per unknown key, sentences of {@link plainWords} or the schema's own. */
export function fieldErrors(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  return issues.flatMap(perField).slice(0, MAX_ERRORS);
}

function perField(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys
      .slice(0, MAX_ERRORS)
      .map((key) => ({ path: dotted([...path, key]), message: 'There is no such field.' }));
  }
  if (issue.code === 'invalid_key') {
    return [{ path: dotted(path), message: issue.issues[0]?.message ?? issue.message }];
  }
  return [{ path: dotted(path), message: issue.message }];
}

function dotted(path: string[]): string {
  const text = path.join('.');
  return text.length > MAX_PATH_LENGTH ? `${text.slice(0, MAX_PATH_LENGTH)}…` : text;
}

const KINDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
};

const FORMATS: Record<string, string> = {
  uuid: 'Must be a UUID, such as 3f1c2a4e-8d55-4b7a-9c1e-2f6d7a8b9c0d.',
  url: 'Must be a full address, such as https://example.com/path.',
  datetime: 'Must be a time, such as 2030-01-31T12:00:00Z.',
};

/** zod's error map (per parse): what people read where the schema itself says nothing. undefined: zod's own words. */
export function plainWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'This field is required.';
      return `Must be ${KINDS[issue.expected] ?? issue.expected}.`;
    case 'too_small':
      return `Must ${bound(issue.origin, 'at least', Number(issue.minimum), issue.inclusive !== false)}.`;
    case 'too_big':
      return `Must ${bound(issue.origin, 'at most', Number(issue.maximum), issue.inclusive !== false)}.`;
    case 'invalid_value':
      return `Must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map((value) => `"${String(value)}"`).join(', ')}.`;
    case 'invalid_format':
      return FORMATS[issue.format] ?? 'Does not have the right form.';
    case 'invalid_union': {
      const options = issue.options as unknown[] | undefined;
      return options === undefined
        ? 'Is of none of the allowed kinds.'
        : `Must be one of ${options.map((option) => `"${String(option)}"`).join(', ')}.`;
    }
    default:
      return undefined;
  }
}

function bound(origin: string, side: 'at least' | 'at most', value: number, inclusive: boolean): string {
  if (origin === 'string') return `have ${side} ${value} ${value === 1 ? 'character' : 'characters'}`;
  if (origin === 'array' || origin === 'set') return `have ${side} ${value} ${value === 1 ? 'entry' : 'entries'}`;
  if (!inclusive) return `be ${side === 'at least' ? 'more than' : 'less than'} ${value}`;
  return `be ${side} ${value}`;
}
