import { expect } from 'chai';
import type { ClusterReplica } from '../../services/local/local-cluster.ts';
import type { Listener } from '../support/cluster/listener.ts';
import { delayStep, Stage } from '../support/cluster/stage.ts';
import { until } from '../support/until.ts';
import { upTo } from '../support/up-to.ts';

const PEOPLE = ['ann', 'bob', 'cleo', 'dan', 'eve', 'fay'] as const;

describe('chat beside a run on three replicas', function () {
  this.timeout(60_000);
  let stage: Stage;
  let workflow_id: string;
  let runId: string;
  let names = 0;

  before(async function () {
    this.timeout(120_000);
    stage = await Stage.open();
    workflow_id = await stage.workflow('talked about', delayStep('wait', 1));
  });
  after(async function () {
    this.timeout(30_000);
    await stage?.close();
  });
  beforeEach(async () => {
    runId = (await stage.person('ann').start({ workflow_id })).body.run_id;
    for (const friend of PEOPLE.slice(1)) await stage.person('ann').api().chats.invite(runId, friend);
  });

  const seqs = (listener: Listener) =>
    listener.ofType('CHAT_MESSAGE').flatMap(({ data }) => (data.run_id === runId ? [data.seq] : []));
  const all = (listener: Listener, count: number, timeoutMs = 20_000) =>
    listener.heard(() => seqs(listener).length >= count, `${count} messages`, timeoutMs);
  /** Sends once; null: no answer, so it may be stored or not. */
  const say = async (who: string, at: ClusterReplica): Promise<number | null> => {
    const body = { client_message_id: `m-${++names}`, text: `message ${names} of ${who}` };
    const answer = await fetch(`${at.url}/api/v1/runs/${runId}/messages`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${await stage.cluster.token(who)}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    }).catch(() => null);
    return answer?.status === 201 ? ((await answer.json()) as { seq: number }).seq : null;
  };

  it('what anybody says through any replica everybody hears on every replica, in one order, without a gap', async () => {
    const listeners = await Promise.all(
      PEOPLE.map((who, n) =>
        stage
          .person(who)
          .listen(stage.replica(n + 1))
          .live(),
      ),
    );
    const sent = await Promise.all(
      Array.from({ length: 60 }, (_, n) => say(PEOPLE[n % 5] ?? 'ann', stage.replica(n + 1))),
    );
    expect(sent.filter((seq) => seq === null)).to.deep.equal([]);
    for (const listener of listeners) {
      await all(listener, 60);
      expect(seqs(listener)).to.deep.equal(upTo(60));
      await listener.close();
    }
  });

  it('who was away hears on another replica what was said meanwhile, then what is said now', async () => {
    const bob = stage.person('bob');
    const first = await bob.listen(stage.replica(1)).live();
    await say('ann', stage.replica(2));
    await all(first, 1);
    const position = first.connection.resumePosition;
    await first.close();
    for (let n = 0; n < 10; n++) await say(n % 2 === 0 ? 'ann' : 'cleo', stage.replica(n + 1));
    const second = bob.listen(stage.replica(3), { position });
    await all(second, 10);
    await say('bob', stage.replica(1));
    await all(second, 11);
    expect(seqs(second)).to.deep.equal(upTo(12).slice(1));
    expect(second.frames[0]?.type).to.equal('RESUMED');
    await second.close();
  });

  it('a replica that is killed in the middle of a conversation loses nothing that was answered, and no order', async () => {
    const listeners = await Promise.all(PEOPLE.map((who) => stage.person(who).listen().live()));
    const victim = stage.replica(1);
    const answered: number[] = [];
    let killed: Promise<void> | undefined;
    await Promise.all(
      PEOPLE.map(async (who, index) => {
        for (let n = 0; n < 15; n++) {
          const seq = await say(who, index < 3 ? victim : stage.replica(index === 3 ? 2 : 3));
          if (seq !== null) answered.push(seq);
          if (answered.length >= 25) killed ??= victim.kill();
        }
      }),
    );
    await killed;
    const { last_seq } = await stage.person('ann').api(stage.replica(2)).chats.messages(runId);
    expect(last_seq).to.be.at.least(Math.max(...answered));
    expect(answered.length).to.be.within(25, 89);
    for (const listener of listeners) {
      await all(listener, last_seq);
      expect(seqs(listener)).to.deep.equal(upTo(last_seq));
      await listener.close();
    }
    await until(
      async () => (await stage.record.query('SELECT FROM chats WHERE delivered_seq < last_seq')).length === 0,
      { timeoutMs: 10_000, what: 'nothing to be left undelivered' },
    );
    await victim.start();
  });

  it('typing, presence and read marks cross replicas; a killed replica’s people are seen to be gone', async () => {
    const ann = await stage.person('ann').listen(stage.replica(1)).live();
    const bob = await stage.person('bob').listen(stage.replica(2)).live();
    for (const listener of [ann, bob]) {
      listener.connection.send({ type: 'CHAT_OPEN', data: { run_id: runId } });
      await listener.heard(() => listener.ofType('CHAT_STATE').length === 1, 'the state of the chat');
    }
    await say('ann', stage.replica(3));
    await all(bob, 1);
    bob.connection.send({ type: 'READ', data: { run_id: runId, seq: 1 } });
    bob.connection.send({ type: 'TYPING', data: { run_id: runId, typing: true } });
    bob.connection.send({ type: 'PRESENCE', data: { status: 'away' } });
    const sees = (status: string) =>
      ann
        .ofType('CHAT_PRESENCE')
        .some(({ data }) => data.people.some((one) => one.user_id === 'bob' && one.status === status));
    await ann.heard(() => ann.ofType('CHAT_TYPING').length > 0, 'typing', 1_000);
    await ann.heard(() => ann.ofType('CHAT_READ').some(({ data }) => data.seq === 1), 'the read mark');
    await ann.heard(() => sees('away'), 'bob to be away');

    // The client of the killed replica stays away: nobody says that bob is gone but his lease.
    await stage.replica(2).kill();
    await bob.close();
    await ann.heard(() => sees('offline'), 'bob to be gone', 25_000);
    await stage.replica(2).start();
    await ann.close();
  });
});
