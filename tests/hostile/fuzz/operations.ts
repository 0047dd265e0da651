import { readFileSync } from 'node:fs';
import type { JsonSchema, Resolve } from './json-of-schema.ts';

export interface Parameter {
  in: 'path' | 'query' | 'header';
  name: string;
  schema: JsonSchema;
}

/** A route as the API's document tells of it: what is added to the table of routes is attacked without further doing. */
export interface Operation {
  method: string;
  path: string;
  parameters: Parameter[];
  body: JsonSchema | null;
  access: 'public' | 'user' | 'admin';
  /** Codes of problem documents by status. */
  problems: ReadonlyMap<number, ReadonlySet<string>>;
  /** Other answers. */
  statuses: ReadonlySet<number>;
}

interface Document {
  paths: Record<string, Record<string, DescribedOperation>>;
  components: { schemas: Record<string, JsonSchema> };
}

interface DescribedOperation {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
  security: Array<{ bearer?: string[] }>;
  responses: Record<string, { description: string; content?: Record<string, unknown> }>;
}

export function readOperations(): { operations: Operation[]; resolve: Resolve } {
  const file = new URL('../../../docs/openapi.json', import.meta.url);
  const document = JSON.parse(readFileSync(file, 'utf8')) as Document;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => operationOf(method, path, described)),
  );
  const resolve: Resolve = (ref) => {
    const schema = document.components.schemas[ref.split('/').at(-1) ?? ''];
    if (schema === undefined) throw new Error(`the document refers to ${ref}, which it does not have`);
    return schema;
  };
  return { operations, resolve };
}

/** What a request with `method` to the address of `asked` asks for; null: nothing that the document tells of. */
export function operationAsked(operations: Operation[], asked: Operation, method: string): Operation | null {
  const plain = method === 'HEAD' ? 'GET' : method;
  return operations.find(({ method: known, path }) => known === plain && path === asked.path) ?? null;
}

function operationOf(method: string, path: string, described: DescribedOperation): Operation {
  const responses = Object.entries(described.responses);
  const isProblem = (content: Record<string, unknown> = {}) => 'application/problem+json' in content;
  return {
    method: method.toUpperCase(),
    path,
    parameters: described.parameters ?? [],
    body: described.requestBody?.content['application/json']?.schema ?? null,
    access: accessOf(described.security),
    problems: new Map(
      responses
        .filter(([, { content }]) => isProblem(content))
        .map(([status, { description }]) => [
          Number(status),
          new Set([...description.matchAll(/`(\w+)`/g)].map(([, code]) => code ?? '')),
        ]),
    ),
    statuses: new Set(responses.filter(([, { content }]) => !isProblem(content)).map(([status]) => Number(status))),
  };
}

function accessOf([first]: DescribedOperation['security']): Operation['access'] {
  if (first?.bearer === undefined) return 'public';
  return first.bearer.includes('admin') ? 'admin' : 'user';
}
