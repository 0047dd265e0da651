import { isDeepStrictEqual } from 'node:util';
import type { ApiClient } from '../../../shared/protocol/client/api-client.ts';
import type { WorkflowAnswer } from '../../../shared/protocol/http.ts';
import type { WorkflowDefinition } from '../../../shared/workflow/definition.ts';

/** Pages of {@link PAGE} workflows looked through at most: a bound on the work, far beyond what one retried command needs. */
const MAX_PAGES = 10;
const PAGE = 100;

/** The oldest workflow with this definition among the newest thousand: the oldest, so that a repeat finds the same one. */
export async function findEqualWorkflow(
  api: Pick<ApiClient, 'listWorkflows'>,
  definition: WorkflowDefinition,
): Promise<WorkflowAnswer | null> {
  const wanted = comparable(definition.name, definition.description, definition.steps);
  let found: WorkflowAnswer | null = null;
  let cursor: string | null | undefined;
  for (let page = 0; page < MAX_PAGES && cursor !== null; page++) {
    const { items, next_cursor } = await api.listWorkflows({
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const equal = items.findLast((item) =>
      isDeepStrictEqual(comparable(item.name, item.description, item.steps), wanted),
    );
    found = equal ?? found;
    cursor = next_cursor;
  }
  return found;
}

/** The server trims names; an absent description comes back as null. */
function comparable(name: unknown, description: string | null | undefined, steps: unknown): unknown {
  return { name: typeof name === 'string' ? name.trim() : name, description: description ?? null, steps };
}
