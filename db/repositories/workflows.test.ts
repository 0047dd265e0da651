import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { Step } from '../../shared/workflow/definition.ts';
import { DatabaseRig } from '../../tests/support/db/database-rig.ts';

describe('workflow definitions', () => {
  let rig: DatabaseRig;
  const steps: Step[] = [{ name: 'ask', type: 'llm', config: { prompt: 'about {{payload.topic}}', temperature: 0.5 } }];

  before(async () => {
    rig = await DatabaseRig.open();
  });
  after(() => rig.close());

  it('are kept as given', async () => {
    const created = await rig.db.workflows.create({
      name: 'ask a model',
      description: 'what it does',
      steps,
      createdBy: 'ada',
    });
    expect(created).to.deep.include({ name: 'ask a model', description: 'what it does', steps, createdBy: 'ada' });
    expect(await rig.db.workflows.get(created.id)).to.deep.equal(created);
    expect((await rig.db.workflows.create({ name: 'n', steps, createdBy: 'ada' })).description).to.equal(null);
    expect(await rig.db.workflows.get(randomUUID())).to.equal(null);
  });

  it('are listed newest first, page by page', async () => {
    const names = Array.from({ length: 5 }, (_, index) => `workflow ${index}`);
    for (const name of names) await rig.db.workflows.create({ name, steps, createdBy: 'ada' });
    const first = await rig.db.workflows.list({ limit: 2 });
    const second = await rig.db.workflows.list({ limit: 2, before: first[1]?.seq ?? 0 });
    expect([...first, ...second].map((row) => row.name)).to.deep.equal([...names].reverse().slice(0, 4));
  });

  it('may contain what Postgres cannot store, which is replaced', async () => {
    const created = await rig.db.workflows.create({ name: 'a\u0000b', description: '\u0000', steps, createdBy: 'ada' });
    expect(created).to.deep.include({ name: 'a\ufffdb', description: '\ufffd' });
  });
});
