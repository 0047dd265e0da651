import {
  OpenAPIRegistry,
  OpenApiGeneratorV31,
  type RouteConfig,
  zodToOpenAPIRegistry,
} from '@asteasolutions/zod-to-openapi';
import type { z } from 'zod';
import { ERROR_CATALOGUE, type ErrorCode } from '../../../shared/errors/catalogue.ts';
import { PROBLEM_MEDIA_TYPE } from '../../../shared/errors/problem.ts';
import { problemSchema } from '../../../shared/protocol/http.ts';
import { COMPONENTS } from './openapi-components.ts';
import { repairNullable } from './openapi-nullable.ts';
import type { Answer, Route } from './route.ts';
import { errorsOf } from './route-errors.ts';

export type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>;

/** Headers of every answer. */
const COMMON_HEADERS = {
  'X-Correlation-Id':
    'The one sent, if it is 1 to 128 letters, digits, ".", "_" or "-"; else a new one. It is in every log line about the request.',
  'X-API-Version': 'Version of this API.',
  'X-Replica': 'The replica that answered.',
};

/** The document of a table of routes; the same schemas that check requests and type answers. */
export function openApiDocument(routes: readonly Route[], version: string): OpenApiDocument {
  const registry = new OpenAPIRegistry();
  for (const [name, schema] of Object.entries(COMPONENTS)) {
    zodToOpenAPIRegistry.add(schema, { _internal: { refId: name } });
  }
  for (const [name, description] of Object.entries(COMMON_HEADERS)) {
    registry.registerComponent('headers', name, { description, schema: { type: 'string' } });
  }
  registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' });
  for (const route of routes) registry.registerPath(pathOf(route));
  const components = Object.values(COMPONENTS).map((schema) => ({ type: 'schema' as const, schema }));
  const document = new OpenApiGeneratorV31([...components, ...registry.definitions]).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Weir',
      version,
      description:
        'Starts AI workflows, queues them in order when demand is high, and says at any time where a run stands. Errors are RFC 9457 problem documents with a stable `code`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
  });
  repairNullable(document);
  return document;
}

function pathOf(route: Route): RouteConfig {
  const { params, query, headers, body } = route.input;
  return {
    method: route.method,
    path: route.path.replace(/:([A-Za-z_]+)/g, '{$1}'),
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    security: route.access === 'public' ? [] : [{ bearer: route.access === 'admin' ? ['admin'] : [] }],
    request: {
      ...(params === undefined ? {} : { params }),
      ...(query === undefined ? {} : { query }),
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { body: { required: true, content: { 'application/json': { schema: body } } } }),
    },
    responses: {
      ...Object.fromEntries(
        [route.answer, ...(route.otherAnswers ?? [])].map((answer) => [answer.status, success(answer)]),
      ),
      ...problems(route),
    },
  };
}

/** `POST /api/v1/runs/:id/cancel` → `postRunsIdCancel`: stable as long as the address is. */
function operationId(route: Route): string {
  const words = route.path
    .replace('/api/v1', '')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean);
  return [route.method, ...(words.length === 0 ? ['root'] : words)]
    .map((word, index) => (index === 0 ? word : word[0]?.toUpperCase() + word.slice(1)))
    .join('');
}

function success(answer: Answer<z.ZodType>): RouteConfig['responses'][string] {
  const mediaType = answer.mediaType ?? 'application/json';
  return {
    description: answer.description,
    headers: headerObjects({ ...answer.headers }),
    content: { [mediaType]: { schema: answer.schema ?? { type: 'string' } } },
  };
}

/** Problem answers by status; several codes may share one. */
function problems(route: Route): RouteConfig['responses'] {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of errorsOf(route)) {
    const { status } = ERROR_CATALOGUE[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\`: ${ERROR_CATALOGUE[code].title}.`).join('\n'),
        headers: headerObjects(
          status === 429 || status === 503 ? { 'Retry-After': 'Seconds until a repeat has a chance.' } : {},
        ),
        content: { [PROBLEM_MEDIA_TYPE]: { schema: problemSchema } },
      },
    ]),
  );
}

/** The common headers by reference, and `own` (name to meaning). */
function headerObjects(own: Record<string, string>) {
  const common = Object.keys(COMMON_HEADERS).map((name) => [name, { $ref: `#/components/headers/${name}` }] as const);
  const described = Object.entries(own).map(
    ([name, description]) => [name, { description, schema: { type: 'string' as const } }] as const,
  );
  return Object.fromEntries([...common, ...described]);
}
