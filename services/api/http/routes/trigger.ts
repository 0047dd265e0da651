import { z } from 'zod';
import { WeirError } from '../../../../shared/errors/weir-error.ts';
import type { Logger } from '../../../../shared/observability/logger.ts';
import { idempotencyKeySchema, triggerAnswerSchema, triggerBodySchema } from '../../../../shared/protocol/http.ts';
import type { Submit } from '../../admission/submit.ts';
import type { WorkflowCache } from '../../cache/workflow-cache.ts';
import { jsonDigest } from '../canonical-json.ts';
import { defineRoute, type Route } from '../route.ts';

export interface TriggerDeps {
  submit: Pick<Submit, 'submit'>;
  workflows: Pick<WorkflowCache, 'peek' | 'get'>;
  log: Logger;
}

/** The hot path: everything here is paid per start. */
export function triggerRoute({ submit, workflows, log }: TriggerDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/api/v1/trigger',
    tag: 'Runs',
    summary: 'Start a run of a workflow',
    description:
      'Answers when the run is stored. `queue` is null when it starts at once; otherwise it says where the run stands, and WORKFLOW_POSITION frames keep saying so.',
    access: 'user',
    input: {
      headers: z.object({
        'Idempotency-Key': idempotencyKeySchema
          .optional()
          .describe('Makes a repeat safe: the same key with the same body answers with the run of the first request.'),
      }),
      body: triggerBodySchema,
    },
    answer: {
      status: 202,
      description: 'Accepted: the run is stored.',
      schema: triggerAnswerSchema,
      headers: {
        Location: 'Address of the run.',
        'Idempotency-Replayed': '"true" when the run is that of an earlier request with the same key.',
      },
    },
    errors: [
      'workflow_not_found',
      'idempotency_key_reused',
      'user_queue_full',
      'queue_full',
      'capacity_unavailable',
      'storage_unavailable',
    ],
    async handle({ body, headers, caller, correlationId, span }) {
      const workflow = workflows.peek(body.workflow_id) ?? (await workflows.get(body.workflow_id));
      if (workflow === null) throw new WeirError('workflow_not_found');
      const { payload = {}, priority = 'normal' } = body;
      const idempotencyKey = headers['Idempotency-Key'] ?? null;
      const start = {
        userId: caller.userId,
        workflow,
        payload,
        priority,
        idempotencyKey,
        requestHash: idempotencyKey === null ? '' : jsonDigest({ workflow_id: workflow.id, payload, priority }),
        correlationId,
        traceParent: span.traceParent,
      };
      const answer = await span.enter(() => submit.submit(start));
      span.linger();
      log.info('run accepted', {
        run_id: answer.runId,
        workflow_id: workflow.id,
        user_id: caller.userId,
        correlation_id: correlationId,
        trace_id: span.traceId ?? undefined,
        position: answer.queue?.position,
        replayed: answer.replayed || undefined,
      });
      return {
        body: {
          run_id: answer.runId,
          status: answer.status,
          queue: answer.queue,
          ...(answer.message === null ? {} : { message: answer.message }),
        },
        headers: answer.replayed
          ? { Location: `/api/v1/runs/${answer.runId}`, 'Idempotency-Replayed': 'true' }
          : { Location: `/api/v1/runs/${answer.runId}` },
      };
    },
  });
}
