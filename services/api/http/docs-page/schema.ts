import { Html, html, prose } from './html.ts';

/** The part of a JSON schema that our documents use. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
}

/** A schema as nested lists; references become links to the list of schemas below. */
export function schemaHtml(schema: JsonSchema): Html {
  const about = schema.description === undefined ? '' : html` <span class="about">${prose(schema.description)}</span>`;
  const members = Object.entries(schema.properties ?? {}).map(([name, inner]) => {
    const optional = schema.required?.includes(name) ? '' : html` <i>optional</i>`;
    return html`<code>${name}</code>${optional} ${schemaHtml(inner)}`;
  });
  // What has members of its own is shown in full, one entry each; the rest is said in the line above.
  const inner = [...(schema.items === undefined ? [] : [schema.items]), ...choicesOf(schema)].filter(hasMembers);
  return html`${typeName(schema)}${limits(schema)}${about}${list([...members, ...inner.map(schemaHtml)])}`;
}

function list(entries: Html[]): Html {
  return entries.length === 0 ? html`` : html`<ul>${entries.map((entry) => html`<li>${entry}</li>`)}</ul>`;
}

function choicesOf(schema: JsonSchema): JsonSchema[] {
  return schema.anyOf ?? schema.oneOf ?? [];
}

function hasMembers(schema: JsonSchema): boolean {
  return schema.properties !== undefined;
}

function typeName(schema: JsonSchema): Html {
  if (schema.$ref !== undefined) return reference(schema.$ref);
  const choices = choicesOf(schema);
  if (choices.length > 0) return joined(choices.map(typeName), ' or ');
  if (schema.allOf !== undefined) return joined(schema.allOf.map(typeName), ' with ');
  if (schema.enum !== undefined)
    return joined(
      schema.enum.map((value) => html`<code>${JSON.stringify(value)}</code>`),
      ' | ',
    );
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.items !== undefined && !hasMembers(schema.items)) return html`list of ${typeName(schema.items)}`;
  const types = schema.type === undefined ? ['anything'] : [schema.type].flat();
  return html`<b>${types.map((type) => (type === 'array' ? 'list' : type)).join(' or ')}</b>`;
}

function reference(ref: string): Html {
  const name = ref.split('/').at(-1) ?? ref;
  return html`<a href="#schema-${name}">${name}</a>`;
}

function joined(parts: Html[], separator: string): Html {
  return new Html(parts.map((part) => part.text).join(separator));
}

function limits(schema: JsonSchema): Html {
  const facts = [
    schema.format,
    bounds('', schema.minimum, schema.maximum),
    bounds(' characters', schema.minLength, schema.maxLength),
    bounds(' entries', schema.minItems, schema.maxItems),
    schema.default === undefined ? undefined : `default ${JSON.stringify(schema.default)}`,
  ].filter((fact) => fact !== undefined);
  return facts.length === 0 ? html`` : html` <small>${facts.join(', ')}</small>`;
}

function bounds(unit: string, low: number | undefined, high: number | undefined): string | undefined {
  if (low === undefined && high === undefined) return undefined;
  if (low === undefined) return `at most ${high}${unit}`;
  return high === undefined ? `at least ${low}${unit}` : `${low} to ${high}${unit}`;
}
