import type { OpenApiDocument } from '../openapi.ts';
import { Html, html, prose } from './html.ts';
import { type JsonSchema, schemaHtml } from './schema.ts';
import { STYLE } from './style.ts';

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: JsonSchema;
}

type Content = Record<string, { schema?: JsonSchema }>;

interface Operation {
  tags?: string[];
  summary?: string;
  description?: string;
  operationId?: string;
  security?: Array<Record<string, string[]>>;
  parameters?: Parameter[];
  requestBody?: { content: Content };
  responses: Record<string, { description: string; content?: Content }>;
}

/** The OpenAPI document as one page without scripts and without anything from elsewhere. */
export function docsPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]) => ({ path, method, operation })),
  );
  const schemas = Object.entries((document.components?.schemas ?? {}) as Record<string, JsonSchema>);
  const tags = (document.tags ?? []).map((tag) => tag.name);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${document.info.title} API</title><style>${new Html(STYLE)}</style></head>
<body>
<h1>${document.info.title} API <small>${document.info.version}</small></h1>
<p>${prose(document.info.description ?? '')} <a href="/api/v1/openapi.json">openapi.json</a></p>
<nav>${[...tags, 'Schemas'].map((tag) => html`<a href="#${anchor(tag)}">${tag}</a>`)}</nav>
${tags.map(
  (tag) => html`<h2 id="${anchor(tag)}">${tag}</h2>
${operations.filter(({ operation }) => operation.tags?.includes(tag)).map(operationHtml)}`,
)}
<h2 id="schemas">Schemas</h2>
${schemas.map(
  ([name, schema]) =>
    html`<details id="schema-${name}" open><summary><code>${name}</code></summary><div>${schemaHtml(schema)}</div></details>
`,
)}</body></html>
`.text;
}

function operationHtml({ path, method, operation }: { path: string; method: string; operation: Operation }): Html {
  return html`<details id="${operation.operationId}"><summary><span class="access">${accessOf(operation)}</span><span class="method">${method}</span> <code>${path}</code> ${operation.summary}</summary><div>
${operation.description && html`<p>${prose(operation.description)}</p>`}
${
  operation.parameters !== undefined &&
  html`<h4>Parameters</h4><ul>${operation.parameters.map(
    (parameter) =>
      html`<li><code>${parameter.name}</code> <small>in ${parameter.in}</small>${parameter.required ? '' : html` <i>optional</i>`} ${schemaHtml({ ...parameter.schema })} ${parameter.description !== parameter.schema?.description && parameter.description}</li>`,
  )}</ul>`
}
${operation.requestBody && html`<h4>Body</h4>${contentHtml(operation.requestBody.content)}`}
<h4>Answers</h4><ul>${Object.entries(operation.responses).map(
    ([status, response]) =>
      html`<li><code>${status}</code> <span class="codes">${prose(response.description)}</span> ${contentHtml(response.content ?? {})}</li>`,
  )}</ul>
</div></details>
`;
}

function contentHtml(content: Content): Html[] {
  return Object.entries(content).map(
    ([mediaType, { schema }]) => html`<small>${mediaType}</small> ${schemaHtml(schema ?? {})}`,
  );
}

function anchor(tag: string): string {
  return tag.toLowerCase().replace(/[^a-z]+/g, '-');
}

function accessOf({ security = [] }: Operation): string {
  const [scheme] = security;
  if (scheme === undefined) return 'public';
  return Object.values(scheme).flat().includes('admin') ? 'admin' : 'token';
}
