import { expect } from 'chai';
import { TEXTS } from '../../shared/protocol/texts.ts';
import { COMFORTS } from '../../shared/workflow/capacity-level.ts';
import type { Listener } from '../support/cluster/listener.ts';
import { MetricsPage } from '../support/cluster/metrics-page.ts';
import { delayStep, Stage } from '../support/cluster/stage.ts';
import { until } from '../support/until.ts';
import { upTo } from '../support/up-to.ts';

describe('degraded mode of three replicas at 23 of 25 users', function () {
  this.timeout(60_000);
  let stage: Stage;
  let workflow_id: string;
  let runId: string;
  /** One socket a user, in the order in which they came; the first two take part in a chat. */
  const crowd: Listener[] = [];

  before(async function () {
    this.timeout(120_000);
    stage = await Stage.open();
    workflow_id = await stage.workflow('goes on', delayStep('wait', 4));
    await joinUpTo(22);
    // Above 80 % new runs wait for the leader; this one is there before the comforts go.
    runId = (await stage.person('user-1').start({ workflow_id })).body.run_id;
    await stage.person('user-1').api().chats.invite(runId, 'user-2');
  });
  after(async function () {
    this.timeout(30_000);
    await stage?.close();
  });

  /** The n-th user connects to the n-th replica, in turn. */
  async function joinUpTo(count: number): Promise<void> {
    const from = crowd.length + 1;
    const joining = upTo(count).slice(from - 1);
    const fresh = joining.map((n) => stage.person(`user-${n}`).listen(stage.replica(n)));
    crowd.push(...fresh);
    await Promise.all(fresh.map((listener) => listener.live()));
  }
  const everybody = (type: 'DEGRADED_MODE_ACTIVE' | 'DEGRADED_MODE_CLEARED', timeoutMs: number) =>
    until(() => crowd.every((listener) => listener.ofType(type).length === 1), {
      timeoutMs,
      what: `${type} everywhere`,
    });
  const member = (n: 1 | 2): Listener => {
    const listener = crowd[n - 1];
    if (listener === undefined) throw new Error('nobody has joined');
    return listener;
  };
  const look = async (listener: Listener) => {
    const before = listener.ofType('CHAT_STATE').length;
    listener.connection.send({ type: 'CHAT_OPEN', data: { run_id: runId } });
    await listener.heard(() => listener.ofType('CHAT_STATE').length > before, 'the state of the chat');
  };
  const types = (listener: Listener) =>
    listener.connection.send({ type: 'TYPING', data: { run_id: runId, typing: true } });
  const pages = () => Promise.all(stage.cluster.replicas.map((replica) => MetricsPage.of(replica)));
  const dropped = async () =>
    (await pages()).reduce((sum, page) => sum + page.sum('weir_comforts_total', { outcome: 'off' }), 0);
  const disabledAt = async (n: number): Promise<string[]> =>
    (await stage.person('user-1').api(stage.replica(n)).status()).features.disabled;

  it('nothing is off at 22; typing crosses replicas', async () => {
    for (const n of [1, 2] as const) await look(member(n));
    types(member(1));
    await member(2).heard(() => member(2).ofType('CHAT_TYPING').length > 0, 'typing');
    expect(crowd.flatMap((listener) => listener.ofType('DEGRADED_MODE_ACTIVE'))).to.deep.equal([]);
    for (const n of upTo(3)) expect(await disabledAt(n)).to.deep.equal([]);
    expect(await dropped()).to.equal(0);
  });

  it('the 23rd user switches the comforts off on every replica within a second; everybody hears which, once', async () => {
    const begun = Date.now();
    await joinUpTo(23);
    await everybody('DEGRADED_MODE_ACTIVE', 2_000);
    const told = crowd.map((listener) => listener.ofType('DEGRADED_MODE_ACTIVE')[0]);
    expect(Math.max(...told.map((frame) => frame?.heardAt ?? 0)) - begun).to.be.below(1_000);
    for (const frame of told)
      expect(frame?.data).to.deep.equal({
        message: TEXTS.degraded,
        disabled: ['read_receipts', 'presence', 'typing'],
      });
    for (const page of await pages()) expect(page.sum('weir_feature_enabled')).to.equal(0);
    for (const n of upTo(3))
      await until(async () => String(await disabledAt(n)) === String(COMFORTS), {
        timeoutMs: 5_000,
        what: `replica ${n} to say so publicly`,
      });
  });

  it('what is sent of them is dropped and counted, whoever sends it; messages, runs and resume are as ever', async () => {
    const [ann, bob] = [member(1), member(2)];
    const before = bob.frames.filter(({ type }) => /^CHAT_(TYPING|READ|PRESENCE)$/.test(type)).length;
    for (let n = 0; n < 50; n++) {
      types(ann);
      bob.connection.send({ type: 'READ', data: { run_id: runId, seq: 1 } });
      bob.connection.send({ type: 'PRESENCE', data: { status: 'away' } });
    }
    for (let n = 1; n <= 6; n++)
      await stage
        .person(n % 2 === 0 ? 'user-1' : 'user-2')
        .api(stage.replica(n))
        .chats.send(runId, {
          client_message_id: `m${n}`,
          text: `message ${n}`,
        });
    for (const listener of [ann, bob]) {
      await listener.heard(() => listener.ofType('CHAT_MESSAGE').length === 6, 'all messages');
      expect(listener.ofType('CHAT_MESSAGE').map(({ data }) => data.seq)).to.deep.equal(upTo(6));
    }
    await until(async () => (await dropped()) === 150, { timeoutMs: 5_000, what: 'all to be counted' });
    expect(bob.frames.filter(({ type }) => /^CHAT_(TYPING|READ|PRESENCE)$/.test(type))).to.have.length(before);

    const again = stage.person('user-2').listen(stage.replica(3), { position: bob.connection.resumePosition });
    await again.live();
    expect(again.frames[0]?.type).to.equal('RESUMED');
    await again.close();
    const other = (await stage.person('user-3').start({ workflow_id })).body.run_id;
    const runs = await stage.record.ended([runId, other], 30_000);
    expect(runs.map(({ status, attempt }) => [status, attempt])).to.deep.equal([
      ['succeeded', 1],
      ['succeeded', 1],
    ]);
  });

  it('they come back 10 seconds after the crowd is below 85 %, not before, on every replica, and presence is right at once', async () => {
    const [ann, bob] = [member(1), member(2)];
    // 22 is below the entry, and not below the exit.
    await crowd.pop()?.close();
    const heardBefore = bob.ofType('CHAT_PRESENCE').length;
    const borderAt = Date.now();
    await until(() => Date.now() - borderAt > 3_000, { timeoutMs: 5_000, what: 'some time at the border' });
    expect(crowd.flatMap((listener) => listener.ofType('DEGRADED_MODE_CLEARED'))).to.deep.equal([]);
    await ann.close();
    crowd.shift();
    const begun = Date.now();
    await everybody('DEGRADED_MODE_CLEARED', 20_000);
    const cleared = crowd.map((listener) => listener.ofType('DEGRADED_MODE_CLEARED')[0]);
    const times = cleared.map((frame) => frame?.heardAt ?? 0);
    expect(Math.min(...times) - begun).to.be.at.least(9_000);
    expect(Math.max(...times) - Math.min(...times), 'all at once').to.be.below(1_000);
    expect(cleared[0]?.data).to.deep.equal({
      message: TEXTS.degradedCleared,
      enabled: ['typing', 'presence', 'read_receipts'],
    });
    await bob.heard(() => bob.ofType('CHAT_PRESENCE').length > heardBefore, 'presence');
    const first = bob.ofType('CHAT_PRESENCE')[heardBefore];
    expect((first?.heardAt ?? 0) - (bob.ofType('DEGRADED_MODE_CLEARED')[0]?.heardAt ?? 0)).to.be.below(500);
    expect(first?.data.people).to.deep.include({ user_id: 'user-1', status: 'offline' });
    for (const page of await pages()) expect(page.sum('weir_feature_enabled')).to.equal(3);
  });

  it('an administrator forces them off and on through any replica, on all of them at once; the record tells all of it, once', async () => {
    const patch = async (n: number, body: object) => {
      const answer = await fetch(`${stage.replica(n).url}/api/v1/admin/features`, {
        method: 'PATCH',
        headers: {
          Authorization: `Bearer ${await stage.cluster.token('root', 'admin')}`,
          'Content-Type': 'application/json',
        },
        body: JSON.stringify(body),
      });
      expect(answer.status).to.equal(200);
    };
    const listener = member(1);
    const told = listener.ofType('DEGRADED_MODE_ACTIVE').length;
    await patch(3, { presence: 'off', reason: 'looking into it' });
    await listener.heard(() => listener.ofType('DEGRADED_MODE_ACTIVE').length > told, 'the news', 1_000);
    expect(listener.ofType('DEGRADED_MODE_ACTIVE').at(-1)?.data).to.deep.equal({
      message: TEXTS.degradedForced,
      disabled: ['presence'],
    });
    await patch(1, { presence: 'auto' });
    const rows = () =>
      stage.record.query<{ row: string }>(
        `SELECT concat_ws(' ', feature, CASE WHEN enabled THEN 'on' ELSE 'off' END, cause, changed_by) AS row FROM feature_events ORDER BY seq`,
      );
    await until(async () => (await rows()).length === 8, { timeoutMs: 10_000, what: 'the record' });
    expect((await rows()).map(({ row }) => row)).to.deep.equal([
      'read_receipts off level system',
      'presence off level system',
      'typing off level system',
      'typing on level system',
      'presence on level system',
      'read_receipts on level system',
      'presence off forced root',
      'presence on released root',
    ]);
  });
});
