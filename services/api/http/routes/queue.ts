import type { QueueEntry } from '../../../../shared/protocol/http.ts';
import { queueAnswerSchema, queueQuerySchema } from '../../../../shared/protocol/http.ts';
import type { QueueListing } from '../../admission/queue-listing.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { defineRoute, type Route } from '../route.ts';

/** Places in the queue, in its order: the own ones, for an admin everybody's. */
export function queueRoute({ listing }: { listing: QueueListing }): Route {
  return defineRoute({
    method: 'get',
    path: '/api/v1/queue',
    tag: 'Queue',
    summary: 'List places in the queue, next first',
    description:
      'Own places; an admin sees everybody’s. The queue moves while it is read: a page begins at a position.',
    access: 'user',
    input: { query: queueQuerySchema },
    answer: { status: 200, description: 'One page.', schema: queueAnswerSchema },
    errors: ['invalid_cursor', 'storage_unavailable'],
    async handle({ query, caller }) {
      const offset = query.cursor === undefined ? 0 : decodeCursor(query.cursor);
      const page = { offset, limit: query.limit };
      const { length, entries, more } =
        caller.role === 'admin' ? await listing.all(page) : await listing.ofUser(caller.userId, page);
      const items = entries.map(
        ({ run, place }): QueueEntry => ({
          run_id: run.id,
          workflow_id: run.workflowId,
          workflow_name: run.workflowName,
          user_id: run.userId,
          priority: run.priority,
          accepted_at: run.acceptedAt.toISOString(),
          ...place,
        }),
      );
      return { body: { length, items, next_cursor: more ? encodeCursor(offset + query.limit) : null } };
    },
  });
}
