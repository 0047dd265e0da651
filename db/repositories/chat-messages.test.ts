import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { DatabaseRig } from '../../tests/support/db/database-rig.ts';

describe('messages of a chat', () => {
  let rig: DatabaseRig;
  let runId: string;
  let names = 0;

  before(async () => {
    rig = await DatabaseRig.open();
  });
  beforeEach(async () => {
    runId = await rig.oneQueued();
  });
  after(() => rig.close());

  const message = (sender: string, body: string, clientId = `m-${++names}`) => ({ runId, sender, clientId, body });
  const post = (sender: string, body: string, clientId?: string) =>
    rig.db.messages.post(message(sender, body, clientId));

  it('are numbered from 1 without holes, with growing times, also when many people write at once by many ways', async () => {
    for (const friend of ['bob', 'cleo', 'dan']) await rig.db.participants.invite(runId, 'ada', friend, 50);
    const other = rig.another();
    await Promise.all(
      Array.from({ length: 60 }, (_, n) => {
        const sender = ['ada', 'bob', 'cleo', 'dan'][n % 4] ?? '';
        return (n % 2 === 0 ? rig.db : other).messages.post(message(sender, String(n)));
      }),
    );
    const stored = await rig.db.messages.after(runId, 0, 100);
    expect(stored.map(({ seq }) => seq)).to.deep.equal(Array.from({ length: 60 }, (_, n) => n + 1));
    const times = stored.map(({ sentAt }) => sentAt.getTime());
    expect(times).to.deep.equal([...times].sort((a, b) => a - b));
    expect(await rig.db.messages.lastSeq(runId)).to.equal(60);
  });

  it('sent again are the same message, even at the same moment, and cost no number', async () => {
    const other = rig.another();
    const same = message('ada', 'once', 'same');
    const answers = await Promise.all(
      [rig.db, other, rig.db, other, rig.db].map((database) => database.messages.post(same)),
    );
    expect(answers.map((answer) => answer?.seq)).to.deep.equal([1, 1, 1, 1, 1]);
    expect(answers.filter((answer) => answer?.fresh)).to.have.length(1);
    expect(await post('ada', 'something else', 'same')).to.deep.include({ seq: 1, body: 'once', fresh: false });
    expect((await post('ada', 'next'))?.seq).to.equal(2);
  });

  it('of two people may have the same name', async () => {
    await rig.db.participants.invite(runId, 'ada', 'bob', 50);
    expect((await post('ada', 'a', 'same'))?.fresh).to.equal(true);
    expect((await post('bob', 'b', 'same'))?.fresh).to.equal(true);
  });

  it('of strangers, and of those who were removed, are not stored', async () => {
    expect(await post('bob', 'hello')).to.equal(null);
    await rig.db.participants.invite(runId, 'ada', 'bob', 50);
    expect(await post('bob', 'hello', 'b')).to.deep.include({ seq: 1, fresh: true, people: ['ada', 'bob'] });
    await rig.db.participants.remove(runId, 'bob');
    expect(await post('bob', 'hello', 'b')).to.equal(null);
    expect(await rig.db.messages.post({ ...message('ada', 'x'), runId: randomUUID() })).to.equal(null);
    expect(await rig.db.messages.lastSeq(runId)).to.equal(1);
  });

  it('come in pages, newest first, and from a number on, oldest first', async () => {
    for (let n = 1; n <= 7; n++) await post('ada', String(n));
    const page = async (options: { limit: number; before?: number }) =>
      (await rig.db.messages.page(runId, options)).map(({ seq }) => seq);
    expect(await page({ limit: 3 })).to.deep.equal([7, 6, 5]);
    expect(await page({ limit: 3, before: 5 })).to.deep.equal([4, 3, 2]);
    expect((await rig.db.messages.after(runId, 4, 2)).map(({ seq }) => seq)).to.deep.equal([5, 6]);
  });

  it('are found while they are not delivered, with everybody they are for', async () => {
    await rig.db.participants.invite(runId, 'ada', 'bob', 50);
    await post('ada', 'one');
    await post('bob', 'two');
    const ours = async () => (await rig.db.messages.undelivered(0, 100)).filter((chat) => chat.runId === runId);
    expect(await ours()).to.deep.equal([{ runId, deliveredSeq: 0, lastSeq: 2, people: ['ada', 'bob'] }]);
    expect(await rig.db.messages.undelivered(60_000, 100), 'too young to be overdue').to.deep.equal([]);
    await rig.db.messages.delivered(runId, 2);
    await rig.db.messages.delivered(runId, 1);
    expect(await ours()).to.deep.equal([]);
    expect((await post('ada', 'three'))?.deliveredSeq).to.equal(2);
  });

  it('may hold anything but U+0000, which becomes the replacement character', async () => {
    expect((await post('ada', 'a\u0000b "ö" \\'))?.body).to.equal('a\ufffdb "ö" \\');
  });
});
