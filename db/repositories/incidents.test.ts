import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { DatabaseRig } from '../../tests/support/db/database-rig.ts';
import type { NewIncident } from './incident-row.ts';

describe('incidents', () => {
  let rig: DatabaseRig;

  beforeEach(async () => {
    rig = await DatabaseRig.open();
  });
  afterEach(() => rig.close());

  const incident = (but: Partial<NewIncident> = {}): NewIncident => ({
    id: randomUUID(),
    title: 'Slow',
    impact: 'minor',
    status: 'investigating',
    components: ['api', 'models'],
    cause: null,
    automatic: false,
    startedAt: new Date(1_700_000_000_000),
    scheduledFor: null,
    scheduledUntil: null,
    estimatedResolutionAt: null,
    estimateConfidence: null,
    estimatedBy: null,
    message: 'We look into it \0.',
    by: 'root',
    ...but,
  });
  const automatic = (but: Partial<NewIncident> = {}) =>
    incident({ automatic: true, cause: 'component:redis', by: 'system', ...but });

  it('are read back as they were opened, with their updates, newest first', async () => {
    const { incidents } = rig.db;
    const first = incident();
    await incidents.create(first);
    expect(await incidents.update(first.id, { status: 'identified', message: 'Found \0', by: 'eve' })).to.equal(true);
    const row = await incidents.get(first.id);
    expect(row).to.include({ title: 'Slow', impact: 'minor', status: 'identified', cause: null, resolvedAt: null });
    expect(row?.startedAt).to.deep.equal(first.startedAt);
    expect(row?.components).to.deep.equal(['api', 'models']);
    expect(row?.updates.map(({ status, message, by, internal }) => [status, message, by, internal])).to.deep.equal([
      ['identified', 'Found \ufffd', 'eve', false],
      ['investigating', 'We look into it \ufffd.', 'root', false],
    ]);
    expect(Date.now() - Date.parse(row?.updates[0]?.at ?? '')).to.be.within(-5_000, 60_000);
    expect(await incidents.get(randomUUID())).to.equal(null);
  });

  it('are opened once per cause, however many replicas try at once, and again after their end', async () => {
    const tries = Array.from({ length: 6 }, (_, n) => (n % 2 === 0 ? rig.db : rig.another()));
    const opened = await Promise.all(tries.map((db) => db.incidents.create(automatic())));
    expect(opened.filter(Boolean)).to.have.length(1);
    const [open] = await rig.db.incidents.open();
    expect(open?.updates).to.have.length(1);
    expect(await rig.db.incidents.create(automatic({ cause: 'component:models' }))).to.equal(true);
    await rig.db.incidents.update(open?.id ?? '', { status: 'resolved', message: 'Over', by: 'system' });
    expect(await rig.db.incidents.create(automatic(), 900)).to.equal(true);
    expect(await rig.db.incidents.open()).to.have.length(2);
  });

  it('are not opened again by themselves shortly after an administrator closed one of that cause', async () => {
    const { incidents } = rig.db;
    await incidents.create(automatic());
    const [open] = await incidents.open();
    await incidents.update(open?.id ?? '', { status: 'resolved', message: 'Over', by: 'root' });
    expect(await incidents.create(automatic(), 900)).to.equal(false);
    expect(await incidents.create(automatic({ cause: 'other' }), 900)).to.equal(true);
    await rig.sql.query(
      `UPDATE incidents SET resolved_at = now() - interval '901 seconds' WHERE resolved_at IS NOT NULL`,
    );
    expect(await incidents.create(automatic(), 900)).to.equal(true);
  });

  it('end once: who comes later writes nothing', async () => {
    const one = incident();
    await rig.db.incidents.create(one);
    const close = { status: 'resolved', message: 'Over', by: 'root' } as const;
    const done = await Promise.all([rig.db, rig.another()].map((db) => db.incidents.update(one.id, close)));
    expect(done.filter(Boolean)).to.have.length(1);
    const row = await rig.db.incidents.get(one.id);
    expect(row?.updates).to.have.length(2);
    expect(row?.resolvedAt).to.be.instanceOf(Date);
    expect(await rig.db.incidents.open()).to.deep.equal([]);
  });

  it('keep a record of who changed what they say', async () => {
    const one = incident();
    const due = new Date(1_700_000_600_000);
    await rig.db.incidents.create(one);
    const by = { note: 'Changed title.', by: 'eve' };
    expect(await rig.db.incidents.change(one.id, { title: 'Slower', estimatedResolutionAt: due }, by)).to.equal(true);
    const changed = await rig.db.incidents.get(one.id);
    expect(changed).to.include({ title: 'Slower', impact: 'minor', estimateConfidence: 'high', estimatedBy: 'eve' });
    expect(changed?.estimatedResolutionAt).to.deep.equal(due);
    expect(changed?.updates[0]).to.include({
      internal: true,
      message: 'Changed title.',
      by: 'eve',
      status: 'investigating',
    });
    await rig.db.incidents.change(one.id, { impact: 'major', estimatedResolutionAt: null }, by);
    const again = await rig.db.incidents.get(one.id);
    expect(again).to.include({ title: 'Slower', impact: 'major', estimatedResolutionAt: null, estimatedBy: null });
    expect(await rig.db.incidents.change(randomUUID(), { title: 'x' }, by)).to.equal(false);
  });

  it('are listed page by page, newest first', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      const one = incident();
      ids.unshift(one.id);
      await rig.db.incidents.create(one);
    }
    await rig.db.incidents.update(ids[1] as string, { status: 'resolved', message: 'Over', by: 'root' });
    const page = await rig.db.incidents.list({ limit: 3, open: false });
    expect(page.map(({ id }) => id)).to.deep.equal(ids.slice(0, 3));
    const rest = await rig.db.incidents.list({ limit: 3, before: page[2]?.seq ?? 0, open: false });
    expect(rest.map(({ id }) => id)).to.deep.equal(ids.slice(3));
    const open = await rig.db.incidents.list({ limit: 3, open: true });
    expect(open.map(({ id }) => id)).to.deep.equal([ids[0], ids[2], ids[3]]);
  });
});
