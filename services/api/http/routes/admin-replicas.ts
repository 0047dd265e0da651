import { z } from 'zod';
import { drainAnswerSchema, runAnswerSchema, runPatchSchema } from '../../../../shared/protocol/http.ts';
import type { ChangePriority } from '../../admission/change-priority.ts';
import type { QueuePlaces } from '../../admission/queue-places.ts';
import type { DrainReplica } from '../../replicas/drain-replica.ts';
import { idParams } from '../id-params.ts';
import { defineRoute, type Route } from '../route.ts';
import { runAnswer } from '../run-answer.ts';

export interface AdminReplicasDeps {
  drainReplica: Pick<DrainReplica, 'drain'>;
  changePriority: Pick<ChangePriority, 'change'>;
  places: Pick<QueuePlaces, 'of'>;
}

/** Orders to replicas, and to the queue they share. */
export function adminReplicasRoutes({ drainReplica, changePriority, places }: AdminReplicasDeps): Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/api/v1/admin/replicas/:id/drain',
      tag: 'Administration',
      summary: 'End a replica gently',
      description:
        'It is told through Redis: it is not ready any more, sends its sockets elsewhere, hands on its runs and ends with code 0. Whoever supervises it may start it again.',
      access: 'admin',
      input: {
        params: z.object({ id: z.string().min(1).max(64) }),
        query: z.strictObject({
          force: z.enum(['true', 'false']).default('false').describe('Also the last one with one of its roles.'),
        }),
      },
      answer: { status: 202, description: 'It has been told.', schema: drainAnswerSchema },
      errors: ['replica_not_found', 'last_replica', 'capacity_unavailable'],
      async handle({ params, query, caller }) {
        await drainReplica.drain(params.id, { force: query.force === 'true', by: caller.userId });
        return { body: { replica: params.id, draining: true as const } };
      },
    }),
    defineRoute({
      method: 'patch',
      path: '/api/v1/runs/:id',
      tag: 'Runs',
      summary: 'Change the priority of a waiting run',
      description: 'By administrators. The order of the queue is the new one when this is answered.',
      access: 'admin',
      input: { params: idParams, body: runPatchSchema },
      answer: { status: 200, description: 'Changed.', schema: runAnswerSchema },
      errors: ['run_not_found', 'run_not_queued', 'capacity_unavailable', 'storage_unavailable'],
      async handle({ params, body, caller }) {
        const run = await changePriority.change(params.id, body.priority, caller.userId);
        const placeOf = await places.of([run]);
        return { body: runAnswer(run, placeOf.get(run.id) ?? null) };
      },
    }),
  ];
}
