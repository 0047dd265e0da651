import { rootAnswerSchema } from '../../../../shared/protocol/http.ts';
import { defineRoute, type Route } from '../route.ts';

export function rootRoute({ version }: { version: string }): Route {
  const body = {
    name: 'weir',
    version,
    links: {
      documentation: '/api/v1/docs',
      openapi: '/api/v1/openapi.json',
      status: '/api/v1/system/status',
      status_page: '/status',
      health: '/health',
      ready: '/ready',
      events: '/ws',
    },
  };
  return defineRoute({
    method: 'get',
    path: '/',
    tag: 'Service',
    summary: 'Where to go from here',
    access: 'public',
    input: {},
    answer: { status: 200, description: 'Name, version, links.', schema: rootAnswerSchema },
    handle: () => ({ body }),
  });
}
