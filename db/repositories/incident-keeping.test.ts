import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { DatabaseRig } from '../../tests/support/db/database-rig.ts';
import type { NewIncident } from './incident-row.ts';

describe('keeping incidents', () => {
  let rig: DatabaseRig;

  beforeEach(async () => {
    rig = await DatabaseRig.open();
  });
  afterEach(() => rig.close());

  const open = async (cause: string | null, but: Partial<NewIncident> = {}): Promise<string> => {
    const id = randomUUID();
    await rig.db.incidents.create({
      id,
      title: 'Slow',
      impact: 'minor',
      status: 'investigating',
      components: [],
      cause,
      automatic: cause !== null,
      startedAt: new Date(),
      scheduledFor: null,
      scheduledUntil: null,
      estimatedResolutionAt: null,
      estimateConfidence: null,
      estimatedBy: null,
      message: 'Hm.',
      by: 'root',
      ...but,
    });
    return id;
  };
  const lastSeen = async (secondsAgo: number) =>
    rig.sql.query(`UPDATE incidents SET last_seen_at = now() - make_interval(secs => $1) WHERE automatic`, [
      secondsAgo,
    ]);
  const texts = { begun: 'It begins.', completed: 'Done.' };

  it('ends an automatic incident once its cause has been away for the whole hold, and never one of people', async () => {
    const id = await open('a');
    await open(null);
    await lastSeen(119);
    expect(await rig.db.incidentKeeping.closeQuiet(120, 'Over.')).to.deep.equal([]);
    await lastSeen(121);
    const closed = await Promise.all([rig.db, rig.another()].map((db) => db.incidentKeeping.closeQuiet(120, 'Over.')));
    expect(closed.flat()).to.deep.equal(['a']);
    const row = await rig.db.incidents.get(id);
    expect(row).to.include({ status: 'resolved' });
    expect(row?.updates).to.have.length(2);
    expect(row?.updates[0]).to.include({ message: 'Over.', by: 'system', internal: false });
    expect(await rig.db.incidents.open()).to.have.length(1);
  });

  it('begins the hold anew when any replica sees the cause', async () => {
    await open('a');
    await open('b');
    await lastSeen(121);
    await rig.another().incidentKeeping.seen(['a']);
    await rig.db.incidentKeeping.seen([]);
    expect(await rig.db.incidentKeeping.closeQuiet(120, 'Over.')).to.deep.equal(['b']);
  });

  it('begins and ends maintenance at its time, once, and what was missed altogether', async () => {
    const at = (seconds: number) => new Date(Date.now() + seconds * 1_000);
    const plan = (from: number, until: number) =>
      open(null, { status: 'scheduled', scheduledFor: at(from), scheduledUntil: at(until) });
    const [future, due, missed] = [await plan(60, 120), await plan(-1, 60), await plan(-120, -60)];
    const turned = await Promise.all([rig.db, rig.another()].map((db) => db.incidentKeeping.turnMaintenance(texts)));
    expect(turned.sort()).to.deep.equal([0, 2]);
    const status = async (id: string) => (await rig.db.incidents.get(id))?.status;
    expect(await Promise.all([future, due, missed].map(status))).to.deep.equal([
      'scheduled',
      'in_progress',
      'completed',
    ]);
    expect((await rig.db.incidents.get(due))?.updates[0]).to.include({ message: 'It begins.', by: 'system' });
    expect((await rig.db.incidents.get(missed))?.resolvedAt).to.be.instanceOf(Date);
    await rig.sql.query(`UPDATE incidents SET scheduled_until = now() WHERE id = $1`, [due]);
    expect(await rig.db.incidentKeeping.turnMaintenance(texts)).to.equal(1);
    expect(await status(due)).to.equal('completed');
  });

  it("sets and takes back its own estimate, and leaves an administrator's alone", async () => {
    const [own, theirs] = [await open('a'), await open('b')];
    const [at, other] = [new Date(Date.now() + 60_000), new Date(Date.now() + 600_000)];
    await rig.db.incidents.change(theirs, { estimatedResolutionAt: other }, { note: 'x', by: 'root' });
    await rig.db.incidentKeeping.estimate([
      { cause: 'a', at, confidence: 'medium' },
      { cause: 'b', at, confidence: 'medium' },
    ]);
    const read = async (id: string) => {
      const row = await rig.db.incidents.get(id);
      return [row?.estimatedResolutionAt, row?.estimateConfidence, row?.estimatedBy];
    };
    expect(await read(own)).to.deep.equal([at, 'medium', 'system']);
    expect(await read(theirs)).to.deep.equal([other, 'high', 'root']);
    await rig.db.incidentKeeping.estimate([{ cause: 'a', at: null, confidence: null }]);
    expect(await read(own)).to.deep.equal([null, null, null]);
    await rig.db.incidentKeeping.estimate([]);
  });
});
