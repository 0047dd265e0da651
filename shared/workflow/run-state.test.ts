import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { FINAL_STATUSES, RUN_STATUSES, RUN_TRANSITIONS } from './run-state.ts';

describe('the state machine of a run', () => {
  it('is the one drawn in docs/architecture.md', () => {
    const page = readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8');
    const drawn = [...page.matchAll(/^ {2}(\w+) --> (\w+): (\w+)$/gm)].map(
      ([, from, to, name]) => `${from} ${to} ${name}`,
    );
    const table = Object.entries(RUN_TRANSITIONS).flatMap(([name, { from, to }]) =>
      from.map((state) => `${state} ${to} ${name}`),
    );
    expect(drawn.sort()).to.deep.equal(table.sort());
  });

  it('leaves a final state only by a retry of its owner', () => {
    const leaving = Object.entries(RUN_TRANSITIONS).filter(([, { from }]) =>
      from.some((state) => FINAL_STATUSES.includes(state)),
    );
    expect(leaving.map(([name]) => name)).to.deep.equal(['retry']);
  });

  it('reaches every state from queued', () => {
    const reached = new Set<string>(['queued']);
    for (const _ of RUN_STATUSES) {
      for (const { from, to } of Object.values(RUN_TRANSITIONS))
        if (from.some((state) => reached.has(state))) reached.add(to);
    }
    expect([...reached].sort()).to.deep.equal([...RUN_STATUSES].sort());
  });
});
