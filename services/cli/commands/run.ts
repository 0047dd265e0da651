import type { ApiClient } from '../../../shared/protocol/client/api-client.ts';
import type { TriggerBody, WorkflowAnswer } from '../../../shared/protocol/http.ts';
import { PRIORITIES } from '../../../shared/workflow/priority.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { renderTriggered } from '../render/run.ts';
import { isUuid, readDefinition, readPayload } from '../run-input.ts';
import type { Command } from './command.ts';
import { findEqualWorkflow } from './find-equal-workflow.ts';
import { openEars } from './open-ears.ts';
import { watchRun } from './watch-run.ts';

/** Creates a workflow from a file (or takes one that exists) and starts a run of it. */
export const run: Command = async (session, [source = ''], options) => {
  const priority = options.oneOf('priority', PRIORITIES);
  const payloadText = options.text('payload');
  const idempotencyKey = options.text('idempotency-key');
  const payload = payloadText === undefined ? undefined : await readPayload(payloadText, session.cwd);
  const definition = isUuid(source) ? null : await readDefinition(source, session.cwd);
  const server = await session.server();
  const api = server.api('user');
  const workflow =
    definition === null ? await api.getWorkflow(source) : await storeWorkflow(api, definition, idempotencyKey);
  const body: TriggerBody = {
    workflow_id: workflow.id,
    ...(payload === undefined ? {} : { payload }),
    ...(priority === undefined ? {} : { priority }),
  };
  const key = idempotencyKey === undefined ? {} : { idempotencyKey };
  if (!options.flag('watch')) {
    const answer = await api.trigger(body, key);
    session.console.answer(answer, () =>
      renderTriggered(answer, workflow.name, session.console.style, session.now(), session.program),
    );
    return EXIT_CODES.ok;
  }
  const ears = await openEars(server, 'user');
  try {
    const accepted = await api.trigger(body, key);
    const watched = {
      runId: accepted.run_id,
      owner: (await server.userId()) ?? '',
      workflow,
      stepCount: workflow.steps.length,
    };
    return await watchRun({
      session,
      server,
      role: 'user',
      live: ears.live,
      earlier: ears.heard(),
      accepted,
      ...watched,
    });
  } finally {
    await ears.close();
  }
};

/**
 * With an idempotency key the same file must be the same workflow again: the key stands for the whole request, and a new
 * workflow id would be another request. So an equal one is looked for before one is created.
 */
async function storeWorkflow(
  api: ApiClient,
  definition: Parameters<ApiClient['createWorkflow']>[0],
  idempotencyKey: string | undefined,
): Promise<WorkflowAnswer> {
  const known = idempotencyKey === undefined ? null : await findEqualWorkflow(api, definition);
  return known ?? (await api.createWorkflow(definition));
}
