/** What a template may refer to: the run's payload and the outputs of the steps before. */
export interface TemplateScope {
  payload: Record<string, unknown>;
  /** Output by step name. */
  outputs: Readonly<Record<string, unknown>>;
}

/** A template that cannot be filled in; the message is for the workflow's owner. */
export class TemplateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TemplateError';
  }
}

/** Longest text or JSON a template may grow to (characters): a small prompt that repeats a large payload must not eat the worker's memory. */
export const MAX_RENDERED_LENGTH = 262_144;

/** `{{ reference }}`; braces inside a reference are not possible, so the pattern is linear. */
const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;
const ONLY_PLACEHOLDER = /^\{\{([^{}]*)\}\}$/;

/** Keys that reach into the language instead of the data; refused by name although only own properties are read anyway. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'prototype', 'constructor']);

/**
 * Fills `{{payload.a.b.0}}` and `{{steps.<name>.output.x}}` in: texts as they are, everything else as JSON. One pass, so
 * an inserted value is never read as a template itself; that is also the way to get a literal `{{` into a text.
 * `encode` is applied to each inserted text. Throws {@link TemplateError} for a reference to nothing.
 */
export function renderTemplate(
  template: string,
  scope: TemplateScope,
  encode: (text: string) => string = (text) => text,
): string {
  return fillText(template, scope, new Budget(), encode);
}

/**
 * Fills in every text inside a JSON value (keys stay as they are). A text that is one placeholder and nothing else becomes
 * the value itself: `{"items": "{{payload.items}}"}` carries a list, not a text with a list in it.
 */
export function renderJson(value: unknown, scope: TemplateScope): unknown {
  return fillJson(value, scope, new Budget());
}

/** True when the text holds a placeholder. */
export function hasPlaceholder(text: string): boolean {
  return text.search(PLACEHOLDER) !== -1;
}

/** Characters that may still be inserted. */
class Budget {
  private left = MAX_RENDERED_LENGTH;

  spend(characters: number): void {
    this.left -= characters;
    if (this.left < 0) throw new TemplateError(`Filled in, it would grow beyond ${MAX_RENDERED_LENGTH} characters.`);
  }
}

function fillText(template: string, scope: TemplateScope, budget: Budget, encode: (text: string) => string): string {
  return template.replace(PLACEHOLDER, (_match, reference: string) => {
    const text = encode(asText(resolveReference(reference, scope)));
    budget.spend(text.length);
    return text;
  });
}

function fillJson(value: unknown, scope: TemplateScope, budget: Budget): unknown {
  if (typeof value === 'string') {
    const reference = ONLY_PLACEHOLDER.exec(value)?.[1];
    if (reference === undefined) return fillText(value, scope, budget, (text) => text);
    const inserted = resolveReference(reference, scope);
    budget.spend(asText(inserted).length);
    return inserted;
  }
  if (Array.isArray(value)) return value.map((item) => fillJson(item, scope, budget));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillJson(item, scope, budget)]));
  }
  return value;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function resolveReference(reference: string, scope: TemplateScope): unknown {
  const name = reference.trim();
  const [root, ...path] = name.split('.');
  if (root === 'payload') return walk(scope.payload, path, name);
  if (root !== 'steps')
    throw new TemplateError(`"{{${name}}}" is unknown: a reference starts with "payload" or "steps".`);
  const [step, member, ...rest] = path;
  if (step === undefined || member !== 'output')
    throw new TemplateError(`"{{${name}}}" is unknown: write "{{steps.<name>.output}}".`);
  if (isForbidden(step) || !Object.hasOwn(scope.outputs, step))
    throw new TemplateError(`"{{${name}}}" is unknown: no earlier step is named "${step}".`);
  return walk(scope.outputs[step], rest, name);
}

function walk(start: unknown, path: readonly string[], name: string): unknown {
  let value = start;
  for (const key of path) {
    if (!canRead(value, key)) throw new TemplateError(`"{{${name}}}" is unknown: there is no "${key}".`);
    value = value[key];
  }
  return value;
}

/** Own keys of objects and indexes of lists only: nothing that the language adds (`length`, prototypes). */
function canRead(value: unknown, key: string): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || isForbidden(key)) return false;
  if (Array.isArray(value) && !/^(0|[1-9]\d*)$/.test(key)) return false;
  return Object.hasOwn(value, key);
}

function isForbidden(key: string): boolean {
  return FORBIDDEN_KEYS.has(key);
}
