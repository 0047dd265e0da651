import type { FeaturesState } from '../../../../redis/results.ts';
import {
  type FeaturesAnswer,
  featureEventPageSchema,
  featuresAnswerSchema,
  featuresPatchSchema,
  pageQuerySchema,
} from '../../../../shared/protocol/http.ts';
import type { Features } from '../../features/create-features.ts';
import { readPage } from '../page.ts';
import { defineRoute, type Route } from '../route.ts';

const PATH = '/api/v1/admin/features';

/** Which comforts are on in the cluster, who wants them so, and what has been switched when and why. */
export function adminFeaturesRoutes({ features }: { features: Pick<Features, 'change' | 'events'> }): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      tag: 'Administration',
      summary: 'Read which live features are on',
      access: 'admin',
      input: {},
      answer: { status: 200, description: 'The state of this moment.', schema: featuresAnswerSchema },
      errors: ['capacity_unavailable'],
      handle: async () => ({ body: featuresAnswer(await features.change.read()) }),
    }),
    defineRoute({
      method: 'patch',
      path: PATH,
      tag: 'Administration',
      summary: 'Force live features on or off, or let them follow the capacity level',
      description: 'In force on every replica at once. Features not named stay as they are.',
      access: 'admin',
      input: { body: featuresPatchSchema },
      answer: { status: 200, description: 'In force.', schema: featuresAnswerSchema },
      errors: ['capacity_unavailable'],
      handle: async ({ body, caller }) => ({ body: featuresAnswer(await features.change.change(body, caller.userId)) }),
    }),
    defineRoute({
      method: 'get',
      path: `${PATH}/events`,
      tag: 'Administration',
      summary: 'List changes of live features, newest first',
      description: 'Who switched what, when and why. A change is listed a moment after it was made.',
      access: 'admin',
      input: { query: pageQuerySchema },
      answer: { status: 200, description: 'One page.', schema: featureEventPageSchema },
      errors: ['invalid_cursor', 'storage_unavailable'],
      async handle({ query }) {
        const { rows, nextCursor } = await readPage(query, (page) => features.events.list(page));
        const items = rows.map(({ at, changedBy, ...event }) => ({ ...event, at: at.toISOString(), by: changedBy }));
        return { body: { items, next_cursor: nextCursor } };
      },
    }),
  ];
}

function featuresAnswer({ features, since }: FeaturesState): FeaturesAnswer {
  return {
    features: features.map(({ feature, enabled, forced }) => ({
      name: feature,
      enabled,
      forced:
        forced === null
          ? null
          : { ...forced, until: forced.until === null ? null : new Date(forced.until).toISOString() },
    })),
    since: new Date(since).toISOString(),
  };
}
