import type { Runs } from '../../../../db/repositories/runs.ts';
import { WeirError } from '../../../../shared/errors/weir-error.ts';
import { runAnswerSchema, runPageSchema, runsQuerySchema } from '../../../../shared/protocol/http.ts';
import type { CancelRun } from '../../admission/cancel.ts';
import type { QueuePlaces } from '../../admission/queue-places.ts';
import type { RetryRun } from '../../admission/retry.ts';
import type { Identity } from '../../auth/identity.ts';
import type { RunCache } from '../../cache/run-cache.ts';
import type { ChatAccess } from '../../chat/chat-access.ts';
import { idParams } from '../id-params.ts';
import { readPage } from '../page.ts';
import { defineRoute, type Route } from '../route.ts';
import { runAnswer } from '../run-answer.ts';

export interface RunRoutesDeps {
  runs: Pick<Runs, 'list'>;
  cache: Pick<RunCache, 'get'>;
  places: Pick<QueuePlaces, 'of'>;
  cancelRun: Pick<CancelRun, 'cancel'>;
  retryRun: Pick<RetryRun, 'retry'>;
  access: Pick<ChatAccess, 'toRead'>;
}

/**
 * Runs: everybody sees and touches the own ones, an admin all; who takes part in the chat of a run may read it. Somebody else's run does
 * not exist.
 */
export function runRoutes({ runs, cache, places, cancelRun, retryRun, access }: RunRoutesDeps): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/v1/runs/:id',
      tag: 'Runs',
      summary: 'Read a run with its finished steps',
      description: 'Its owner, those who take part in its chat, and admins.',
      access: 'user',
      input: { params: idParams },
      answer: { status: 200, description: 'The run.', schema: runAnswerSchema },
      errors: ['run_not_found', 'storage_unavailable'],
      async handle({ params, caller }) {
        const read = await cache.get(params.id);
        if (read === null) throw new WeirError('run_not_found');
        const { run, steps } = read;
        const owner = ownerFilter(caller);
        if (owner !== null && run.userId !== owner) await access.toRead(run.id, caller);
        const placeOf = await places.of([run]);
        return { body: runAnswer(run, placeOf.get(run.id) ?? null, steps) };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/v1/runs',
      tag: 'Runs',
      summary: 'List runs, newest first',
      description: 'Pages do not move while runs arrive. An admin sees the runs of everybody.',
      access: 'user',
      input: { query: runsQuerySchema },
      answer: { status: 200, description: 'One page.', schema: runPageSchema },
      errors: ['invalid_cursor', 'storage_unavailable'],
      async handle({ query, caller }) {
        const filter = { userId: ownerFilter(caller), ...(query.status === undefined ? {} : { status: query.status }) };
        const { rows, nextCursor } = await readPage(query, (page) => runs.list({ ...filter, ...page }));
        const placeOf = await places.of(rows);
        return {
          body: { items: rows.map((run) => runAnswer(run, placeOf.get(run.id) ?? null)), next_cursor: nextCursor },
        };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/v1/runs/:id/cancel',
      tag: 'Runs',
      summary: 'Cancel a queued or running run',
      access: 'user',
      input: { params: idParams },
      answer: { status: 200, description: 'Cancelled; a step under way is cut off.', schema: runAnswerSchema },
      errors: ['run_not_found', 'run_not_cancellable', 'storage_unavailable'],
      async handle({ params, caller }) {
        return { body: runAnswer(await cancelRun.cancel(params.id, ownerFilter(caller)), null) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/v1/runs/:id/retry',
      tag: 'Runs',
      summary: 'Start a failed run again from its last checkpoint',
      access: 'user',
      input: { params: idParams },
      answer: { status: 200, description: 'Accepted again.', schema: runAnswerSchema },
      errors: [
        'run_not_found',
        'run_not_retryable',
        'user_queue_full',
        'queue_full',
        'capacity_unavailable',
        'storage_unavailable',
      ],
      async handle({ params, caller, span }) {
        const run = await retryRun.retry(params.id, ownerFilter(caller), span);
        const placeOf = await places.of([run]);
        return { body: runAnswer(run, placeOf.get(run.id) ?? null) };
      },
    }),
  ];
}

/** null: everybody's. */
function ownerFilter(caller: Identity): string | null {
  return caller.role === 'admin' ? null : caller.userId;
}
