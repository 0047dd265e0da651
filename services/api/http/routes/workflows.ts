import type { WorkflowRow, Workflows } from '../../../../db/repositories/workflows.ts';
import { WeirError } from '../../../../shared/errors/weir-error.ts';
import {
  pageQuerySchema,
  type WorkflowAnswer,
  workflowAnswerSchema,
  workflowPageSchema,
} from '../../../../shared/protocol/http.ts';
import { definitionSchema } from '../../../../shared/workflow/definition.ts';
import type { WorkflowCache } from '../../cache/workflow-cache.ts';
import { idParams } from '../id-params.ts';
import { readPage } from '../page.ts';
import { defineRoute, type Route } from '../route.ts';

export interface WorkflowRoutesDeps {
  workflows: Pick<Workflows, 'create' | 'list'>;
  cache: Pick<WorkflowCache, 'get'>;
}

/** Definitions: stored once, never changed. */
export function workflowRoutes({ workflows, cache }: WorkflowRoutesDeps): Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/api/v1/workflows',
      tag: 'Workflows',
      summary: 'Store a workflow definition',
      description: 'Definitions cannot be changed: store another one instead. Every user may start every workflow.',
      access: 'user',
      input: { body: definitionSchema },
      answer: {
        status: 201,
        description: 'Stored.',
        schema: workflowAnswerSchema,
        headers: { Location: 'Address of the definition.' },
      },
      errors: ['storage_unavailable'],
      async handle({ body, caller }) {
        const stored = await workflows.create({
          name: body.name,
          description: body.description ?? null,
          steps: body.steps,
          createdBy: caller.userId,
        });
        return { body: workflowAnswer(stored), headers: { Location: `/api/v1/workflows/${stored.id}` } };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/v1/workflows',
      tag: 'Workflows',
      summary: 'List workflow definitions, newest first',
      access: 'user',
      input: { query: pageQuerySchema },
      answer: { status: 200, description: 'One page.', schema: workflowPageSchema },
      errors: ['invalid_cursor', 'storage_unavailable'],
      async handle({ query }) {
        const { rows, nextCursor } = await readPage(query, (page) => workflows.list(page));
        return { body: { items: rows.map(workflowAnswer), next_cursor: nextCursor } };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/v1/workflows/:id',
      tag: 'Workflows',
      summary: 'Read a workflow definition',
      access: 'user',
      input: { params: idParams },
      answer: { status: 200, description: 'The definition.', schema: workflowAnswerSchema },
      errors: ['workflow_not_found', 'storage_unavailable'],
      async handle({ params }) {
        const workflow = await cache.get(params.id);
        if (workflow === null) throw new WeirError('workflow_not_found');
        return { body: workflowAnswer(workflow) };
      },
    }),
  ];
}

function workflowAnswer(row: WorkflowRow): WorkflowAnswer {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    steps: row.steps,
    created_by: row.createdBy,
    created_at: row.createdAt.toISOString(),
  };
}
