import fc from 'fast-check';
import { hostileJson, hostileText, hostileValue } from './hostile-json.ts';

/** What of JSON Schema the API's document and zod's own conversion use. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  format?: string;
  pattern?: string;
}

export type Resolve = (ref: string) => JsonSchema;

/** Names that stand for ids only the running test knows; so the same seed sends the same requests to another cluster. */
export const KNOWN_IDS = ['$ownRun', '$endedRun', '$strangersRun', '$workflow'] as const;
export type KnownId = (typeof KNOWN_IDS)[number];

/** One in this many places of a document is not what the schema says. */
const HOSTILE_WEIGHT = 1;
const SOUND_WEIGHT = 25;
/** Beyond it (schemas that contain themselves) only simple values come. */
const MAX_DEPTH = 5;

/** JSON text that mostly keeps to a schema, so that it gets past the first checks and is wrong further in. */
export function jsonOf(schema: JsonSchema, resolve: Resolve, depth = 0): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: SOUND_WEIGHT, arbitrary: sound(schema, resolve, depth) },
    { weight: HOSTILE_WEIGHT, arbitrary: hostileJson },
  );
}

function sound(schema: JsonSchema, resolve: Resolve, depth: number): fc.Arbitrary<string> {
  if (schema.$ref !== undefined) return sound(resolve(schema.$ref), resolve, depth);
  if (schema.const !== undefined) return fc.constant(JSON.stringify(schema.const));
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum.map((value) => JSON.stringify(value)));
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined)
    return depth >= MAX_DEPTH
      ? fc.constant('null')
      : fc.oneof(...choices.map((choice) => sound(choice, resolve, depth + 1)));
  const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? 'any'];
  return fc.oneof(...types.map((type) => soundOf(type, schema, resolve, depth)));
}

function soundOf(type: string, schema: JsonSchema, resolve: Resolve, depth: number): fc.Arbitrary<string> {
  if (type === 'object') return objectOf(schema, resolve, depth);
  if (type === 'array') {
    const items = depth >= MAX_DEPTH ? fc.constant('null') : jsonOf(schema.items ?? {}, resolve, depth + 1);
    return fc.array(items, { maxLength: 4 }).map((parts) => `[${parts.join()}]`);
  }
  if (type === 'string')
    return fc.oneof(
      { weight: isFree(schema) ? 4 : 20, arbitrary: textOf(schema).map((text) => JSON.stringify(text)) },
      { weight: 2, arbitrary: hostileText },
    );
  if (type === 'integer' || type === 'number') {
    const { minimum = 0, maximum = 1_000 } = schema;
    return fc.integer({ min: minimum, max: Math.max(minimum, Math.min(maximum, 2_147_483_647)) }).map(String);
  }
  if (type === 'boolean') return fc.boolean().map(String);
  if (type === 'null') return fc.constant('null');
  return fc.oneof({ weight: 1, arbitrary: fc.json({ maxDepth: 2 }) }, { weight: 4, arbitrary: hostileValue });
}

function objectOf(schema: JsonSchema, resolve: Resolve, depth: number): fc.Arbitrary<string> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const members = Object.entries(properties).map(([name, inner]) =>
    fc
      .tuple(jsonOf(inner, resolve, depth + 1), fc.integer({ min: 0, max: 39 }))
      // Most of what may be left out is, and now and then also what may not.
      .map(([text, luck]) => (luck > (required.includes(name) ? 0 : 19) ? [`${JSON.stringify(name)}:${text}`] : [])),
  );
  const free = typeof additionalProperties === 'object' ? additionalProperties : {};
  const name = fc.constantFrom('__proto__', 'constructor', 'x', 'toString', '', 'y', 'z');
  const stray = fc.tuple(name, jsonOf(free, resolve, depth + 1)).map(([key, text]) => `${JSON.stringify(key)}:${text}`);
  const more =
    additionalProperties === false
      ? fc.oneof(
          { weight: 20, arbitrary: fc.constant<string[]>([]) },
          { weight: 1, arbitrary: fc.array(stray, { maxLength: 1 }) },
        )
      : fc.array(stray, { maxLength: 3 });
  return fc.tuple(...members, more).map((parts) => `{${parts.flat().join()}}`);
}

/** Anything else than an id or a name of a certain form is refused at once; what is free goes on. */
function isFree({ format, pattern }: JsonSchema): boolean {
  return format === undefined && pattern === undefined;
}

/** A text as the schema has it, unquoted. */
export function textOf(schema: JsonSchema): fc.Arbitrary<string> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum.map(String));
  if (schema.format === 'uuid')
    return fc.oneof(fc.constantFrom<string>(...KNOWN_IDS, '$workflow', '$ownRun'), fc.uuid());
  if (schema.format === 'date-time')
    return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((at) => at.toISOString());
  if (schema.format === 'uri') return fc.constantFrom('http://127.0.0.1:9/', 'https://example.com/a?b=c');
  return fc.oneof(
    { weight: isFree(schema) ? 3 : 30, arbitrary: fc.constantFrom('a', 'first', 'name-1', 'trudy') },
    { weight: 1, arbitrary: fc.string({ maxLength: Math.min(schema.maxLength ?? 40, 40), minLength: 1 }) },
  );
}
