import { expect } from 'chai';
import type { WorkflowAnswer } from '../../../shared/protocol/http.ts';
import type { WorkflowDefinition } from '../../../shared/workflow/definition.ts';
import { findEqualWorkflow } from './find-equal-workflow.ts';

const definition: WorkflowDefinition = {
  name: ' hello ',
  steps: [{ name: 'a', type: 'delay', config: { duration: 1 } }],
};
const stored = (id: string, overrides: Partial<WorkflowAnswer> = {}): WorkflowAnswer => ({
  id,
  name: 'hello',
  description: null,
  steps: definition.steps,
  created_by: 'ada',
  created_at: '2026-01-01T00:00:00.000Z',
  ...overrides,
});

/** Pages as the API lists them, newest first; the cursor is the number of the next page. */
function listing(...pages: WorkflowAnswer[][]) {
  const asked: (string | undefined)[] = [];
  const api = {
    listWorkflows: async ({ cursor }: { cursor?: string } = {}) => {
      asked.push(cursor);
      const page = Number(cursor ?? 0);
      return { items: pages[page] ?? [], next_cursor: page + 1 < pages.length ? String(page + 1) : null };
    },
  };
  return { api, asked };
}

describe('findEqualWorkflow', () => {
  it('finds the oldest equal one, so that a repeated command finds what the first one made', async () => {
    const { api } = listing(
      [stored('4', { name: 'other' }), stored('3')],
      [stored('2'), stored('1')],
      [stored('0', { steps: [] })],
    );
    expect((await findEqualWorkflow(api, definition))?.id).to.equal('1');
  });

  it('takes no other name, description or step for equal', async () => {
    const { api } = listing([
      stored('1', { name: 'Hello' }),
      stored('2', { description: 'x' }),
      stored('3', { steps: [{ name: 'a', type: 'delay', config: { duration: 2 } }] }),
    ]);
    expect(await findEqualWorkflow(api, definition)).to.equal(null);
  });

  it('gives up after a thousand', async () => {
    const { api, asked } = listing(...Array.from({ length: 30 }, () => []));
    expect(await findEqualWorkflow(api, definition)).to.equal(null);
    expect(asked).to.have.length(10);
  });
});
