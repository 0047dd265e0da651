import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { DatabaseRig } from '../../tests/support/db/database-rig.ts';

describe('participants of a chat', () => {
  let rig: DatabaseRig;
  let runId: string;

  before(async () => {
    rig = await DatabaseRig.open();
  });
  beforeEach(async () => {
    runId = await rig.oneQueued();
  });
  after(() => rig.close());

  const invite = (userId: string, max = 50) => rig.db.participants.invite(runId, 'ada', userId, max);
  const names = async () => (await rig.db.participants.list(runId)).map(({ userId }) => userId);
  const say = (n: number) => rig.db.messages.post({ runId, sender: 'ada', clientId: String(n), body: `message ${n}` });

  it('are the owner from the beginning, then the invited in their order', async () => {
    expect(await rig.db.participants.list(runId)).to.have.length(1);
    expect([await invite('zoe'), await invite('bob'), await invite('bob')]).to.deep.equal([
      'invited',
      'invited',
      'known',
    ]);
    expect(await names()).to.deep.equal(['ada', 'zoe', 'bob']);
    const [owner, zoe] = await rig.db.participants.list(runId);
    expect([owner?.invitedBy, zoe?.invitedBy]).to.deep.equal([null, 'ada']);
  });

  it('are invited by the owner only', async () => {
    await invite('bob');
    expect(await rig.db.participants.invite(runId, 'bob', 'eve', 50)).to.equal('not_owner');
    expect(await rig.db.participants.invite(randomUUID(), 'ada', 'eve', 50)).to.equal('not_owner');
  });

  it('are never more than the limit, however many are invited at once', async () => {
    const other = rig.another();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (n % 2 === 0 ? rig.db : other).participants.invite(runId, 'ada', `guest-${n}`, 8),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'invited')).to.have.length(7);
    expect(outcomes.filter((outcome) => outcome === 'full')).to.have.length(13);
    expect(await names()).to.have.length(8);
  });

  it('invited many times at once take one place', async () => {
    const other = rig.another();
    const ways = [rig.db, other, rig.db, other, rig.db, other];
    const outcomes = await Promise.all(ways.map((way) => way.participants.invite(runId, 'ada', 'bob', 3)));
    expect(outcomes.filter((outcome) => outcome === 'invited')).to.have.length(1);
    expect(await invite('cleo', 3)).to.equal('invited');
    expect(await invite('dan', 3)).to.equal('full');
  });

  it('who leave give their place back; the owner stays', async () => {
    expect([await invite('bob', 2), await invite('cleo', 2)]).to.deep.equal(['invited', 'full']);
    expect(await rig.db.participants.remove(runId, 'bob')).to.equal(true);
    expect(await rig.db.participants.remove(runId, 'bob')).to.equal(false);
    expect(await invite('cleo', 2)).to.equal('invited');
    expect(await rig.db.participants.remove(runId, 'ada')).to.equal(false);
    expect(await names()).to.deep.equal(['ada', 'cleo']);
  });

  it('what somebody is to a run is known without a chat, too', async () => {
    const access = (userId: string) => rig.db.participants.access(runId, userId);
    expect(await access('ada')).to.deep.include({ owner: 'ada', participant: false, workflowName: 'two steps' });
    expect(await access('bob')).to.deep.include({ owner: 'ada', participant: false });
    await invite('bob');
    expect(await access('bob')).to.deep.include({ owner: 'ada', participant: true });
    expect(await rig.db.participants.access(randomUUID(), 'ada')).to.equal(null);
  });

  it('have read marks that only grow and end at the last message; only news is answered', async () => {
    await invite('bob');
    for (let n = 1; n <= 3; n++) await say(n);
    const mark = async (userId: string, seq: number) =>
      (await rig.db.participants.markRead([{ runId, userId, seq }])).map((row) => row.seq);
    expect(await mark('bob', 2)).to.deep.equal([2]);
    expect(await mark('bob', 1)).to.deep.equal([]);
    expect(await mark('bob', 99)).to.deep.equal([3]);
    expect(await mark('eve', 1)).to.deep.equal([]);
    const marks = [
      { runId, userId: 'ada', seq: 1 },
      { runId, userId: 'bob', seq: 1 },
    ];
    expect(await rig.db.participants.markRead(marks)).to.deep.equal([{ runId, userId: 'ada', seq: 1 }]);
  });

  it('find their chats, the latest joined first, with what they have not read', async () => {
    const first = runId;
    await rig.db.participants.invite(first, 'ada', 'zed', 50);
    runId = await rig.oneQueued();
    await rig.db.participants.invite(runId, 'ada', 'zed', 50);
    await say(1);
    const chats = await rig.db.participants.chatsOf('zed', { limit: 10 });
    expect(chats.map((chat) => [chat.runId, chat.lastSeq, chat.readSeq, chat.people])).to.deep.equal([
      [runId, 1, 0, 2],
      [first, 0, 0, 2],
    ]);
    const [latest] = chats;
    const older = await rig.db.participants.chatsOf('zed', { limit: 10, before: latest?.seq ?? 0 });
    expect(older.map((chat) => chat.runId)).to.deep.equal([first]);
    expect(latest).to.deep.include({ owner: 'ada', status: 'queued', workflowName: 'two steps' });
  });
});
