import {
  historyAnswerSchema,
  historyQuerySchema,
  uptimeAnswerSchema,
  uptimeQuerySchema,
} from '../../../../shared/protocol/http.ts';
import type { History } from '../../history/history.ts';
import type { Uptime } from '../../history/uptime.ts';
import { defineRoute, type Route } from '../route.ts';

export interface HistoryRoutesDeps {
  history: Pick<History, 'read'>;
  uptime: Pick<Uptime, 'read'>;
}

/** The past of the service. */
export function historyRoutes({ history, uptime }: HistoryRoutesDeps): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/v1/admin/history',
      tag: 'Administration',
      summary: 'Read how the cluster fared',
      description:
        'At most 1,000 points of the whole cluster. Steps of 5 s go back a day, of a minute 14 days, of 5 minutes 90 days, of an hour two years.',
      access: 'admin',
      input: { query: historyQuerySchema },
      answer: { status: 200, description: 'The points.', schema: historyAnswerSchema },
      errors: ['storage_unavailable'],
      handle: async ({ query }) => ({ body: await history.read(query) }),
    }),
    defineRoute({
      method: 'get',
      path: '/api/v1/system/uptime',
      tag: 'Service',
      summary: 'How much of each day was each component there?',
      description: 'Public. At most a minute old. A degraded component counts as there.',
      access: 'public',
      input: { query: uptimeQuerySchema },
      answer: { status: 200, description: 'One row per component, one bar per day.', schema: uptimeAnswerSchema },
      errors: ['storage_unavailable'],
      handle: async ({ query }) => ({ body: await uptime.read(query.days) }),
    }),
  ];
}
